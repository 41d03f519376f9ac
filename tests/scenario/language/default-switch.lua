-- Hosts without a link share a switch, which is a wire like any other: rules, directions and settings hold for it.
local server, client, other = host "server", host "client", host "other"
local wire = server.wire
expect(wire == client.wire and wire == other.wire, "one switch for all")
local lost = wire:from(client):drop { flags = "S", count = 1 }
local listener = server:listen(80)
local aside = other:connect(server, 80)
expect(aside and lost.hits == 0, "what comes from another host is not meant")
local near = client:connect(server, 80)
expect(near and lost.hits == 1, "the client's first SYN was")
listener:accept()
local far = listener:accept()

wire:from(server):cut()
near:send "one way"
expect(far:receive(7) == "one way", "towards the server all is well")
settle "100ms"
expect(packets.count { from = server, fate = "dropped" } > 0, "nothing comes from it")
wire:from(server):mend()

wire:from(other):set { delay = "60ms" }
local began = now()
aside:send "slow"
listener:timeout "1s"
expect(function() return packets.count { data = "slow", fate = "delivered" } == 1 end, "it arrives")
expect(now() - began >= 0.06, "later than the others'")
began = now()
near:send "quick"
far:receive(5)
expect(now() - began < 0.06, "which are as they were")
