-- require: Lua files beside the scene, read once, in the scene's language.
-- Checks: 8
local a, b = host "a", host "b"
local greeting = require "parts.greeting"
expect(greeting.words("world") == "hello, world", "what the file returned")
expect(require "parts.greeting" == greeting, "once")
expect(require "parts.silent" == true, "a file that returns nothing")
expect(greeting.port == 4242, "a file of a file")
expect(greeting.connect(a, b), "which may wait")
local ok, why = pcall(require, "parts.missing")
expect(not ok and why:find("parts/missing", 1, true), "not there")
for _, name in ipairs { "../secret", "/etc/passwd" } do
  ok, why = pcall(require, name)
  expect(not ok and why:find("the name of a Lua file beside the scene", 1, true), "nothing outside")
end
