-- What a function of on_packet returns must be an answer; if it is none the packet goes on and the rule ends.
-- Ends with status 2: wrong-answer.lua:7: on_packet: the function returns nothing, "drop", "duplicate", "corrupt", "hold" or a delay such as "20ms", not lose
-- Checks: 1
local server, client = host "server", host "client"
local wire = link(client, server)
local listener = server:listen(80)
wire:on_packet(function(packet) return "lose" end)
expect(client:connect(server, 80), "connected all the same")
