-- Global names: those of the language can be read; nothing else is there, and nothing can be set.
local function refuses(text, chunk)
  local ok, why = pcall(chunk)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("unknown name `servr`", function() return servr end)
refuses("unknown name `pakets` (did you mean packets?)", function() return pakets end)
refuses("`counter` is not declared: write `local counter = …`", function() counter = 1 end)
refuses("`packets` belongs to the language", function() packets = {} end)
for _, name in ipairs { "io", "package", "debug", "coroutine", "dofile", "loadfile", "collectgarbage", "_G" } do
  refuses("unknown name `" .. name, load and function() return load("return " .. name)() end)
end
expect(os.execute == nil and os.getenv == nil and os.exit == nil, "of os only the clocks")
expect(string.dump == nil, "no bytecode")
expect(("%d"):format(3) == "3" and utf8.len "한글" == 2 and #table.pack(1, 2) == 2, "Lua's own libraries")
expect(pcall(error, "x") == false and select("#", 1, 2) == 2 and tonumber "0x10" == 16, "and basics")
