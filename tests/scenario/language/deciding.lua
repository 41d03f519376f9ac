-- on_packet: a function decides about each packet; duplicate, corrupt; wires that flap.
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "2ms" })
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()

local twice, wrong = wire:duplicate { data = "one" }, wire:corrupt { data = "two", nth = 1 }
near:send "one"
far:receive(3)
settle()
expect(twice.hits == 1 and packets { data = "one" }[1].fate == "duplicated", "it arrived twice")
near:send "two"
expect(far:receive(3) == "two" and wrong.hits == 1, "the kernel threw the wrong one away and got another")
expect(packets { data = "two" }[1].fate == "corrupted", "a wrong bit")
twice:remove()
wrong:remove()
settle()

local answers, seen = { "drop", "duplicate", "20ms", 0.03, "corrupt" }, {}
local rule = wire:on_packet(function(packet)
  if packet.data ~= "x" then return end
  seen[#seen + 1] = packet.fate
  return answers[#seen]
end)
for _ = 1, 4 do
  near:send "x"
  far:receive(1)
end
settle()
expect(#seen >= 6 and rule.hits == 5, "the first was repeated, and the wrong one")
local fates = {}
for i, packet in ipairs(packets { data = "x" }) do
  expect(seen[i] == "on the wire", "asked while it enters")
  fates[i] = packet.fate
end
expect(fates[1] == "dropped" and fates[2] == "duplicated" and fates[3] == "delivered" and fates[5] == "corrupted", "as it was told")
rule:remove()

-- One direction; hold until the rule ends; rules made and removed while a packet enters.
local held = wire:from(client):on_packet(function(packet) return packet.data == "hold me" and "hold" or nil end)
near:send "hold me"
sleep "10ms"
expect(packets { data = "hold me" }[1].fate == "held", "held")
held:remove()
expect(far:receive(7) == "hold me", "gone on")
local made
local maker
maker = wire:on_packet(function(packet)
  if packet.data == "now" then
    made = wire:drop { data = "then", count = 1 }
    maker:remove()
  end
end)
near:set("nodelay", true)
near:send "now"
near:send "then"
expect(far:receive(7) == "nowthen" and made.hits == 1, "the rule was there for the next packet")

-- A clock cuts and mends.
local flap = wire:flap { up = "20ms", down = "10ms" }
sleep "100ms"
flap:remove()
expect(flap.hits >= 2 and flap.hits <= 4, "three times in a tenth of a second, more or less")
near:send "still"
expect(far:receive(5) == "still", "mended at the end")

local function refuses(text, fn, ...)
  local ok, why = pcall(fn, ...)
  expect(not ok and why:find(text, 1, true), text .. " // " .. tostring(why))
end
refuses("on_packet takes a function, not string", wire.on_packet, wire, "drop")
refuses("flap: for how long is it up", wire.flap, wire, { up = "1s" })
refuses("flap: up and down take 1 ms or more each", wire.flap, wire, { up = 0, down = 0 })
refuses("flap: unknown option \"on\"; it takes down, up", wire.flap, wire, { on = 1 })
