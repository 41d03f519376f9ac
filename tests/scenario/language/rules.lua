-- rules: drop, delay and hold exactly the packets that a filter means; cut and mend.
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "5ms" })
local listener = server:listen(80)

local lost = wire:drop { flags = "S", nth = 1 } -- armed before the network stands
local near = client:connect(server, 80)
local far = listener:accept()
expect(lost.hits == 1, "the first SYN was dropped")
local syns = packets { flags = "S" }
expect(#syns == 2 and syns[1].fate == "dropped" and syns[2].fate == "delivered", "the second came through")
expect(syns[2].of == syns[1].id and syns[2].note == "retransmission", "it repeats the first")

local gone = wire:drop { from = server, data = true, nth = { 3, 5 } }
far:send(bytes(14480))
near:receive(14480)
expect(gone.hits == 2 and #packets { fate = "dropped", from = server } == 2, "the third and the fifth")
expect(#packets { from = server, note = "retransmission" } >= 2, "the kernel has repeated them")
gone:remove()
gone:remove() -- twice is no harm
expect(gone.hits == 2, "it still tells how often it acted")

local few = wire:drop { data = "a", count = 2 }
near:send "a"
expect(far:recv() == "a" and few.hits == 2, "two of them, then no more")

local fresh = client:connect(server, 80, { nodelay = true }) -- its window is not narrowed by losses
local taken = listener:accept()
local mark = now()
local held = wire:hold { from = client, data = true }
fresh:send "b"
fresh:send "c"
sleep "12ms"
expect(held.hits >= 2 and packets.count { fate = "held" } == held.hits, "they wait on the wire, copies too")
taken:nonblocking(true)
expect(select(2, taken:recv()) == "EAGAIN", "nobody has got them")
taken:nonblocking(false)
local waited = held.hits
held:remove()
expect(taken:receive(2) == "bc", "in order")
settle()
expect(packets.count { since = mark, data = true, fate = "delivered" } == waited, "they went on")
expect(packets.count { fate = "held" } == 0, "none stays")

local slow = wire:delay { by = "60ms", conn = near, len = 3 }
local sent = now()
near:send "one"
local other = client:connect(server, 80)
expect(now() - sent < 0.05 and slow.hits == 1, "others are not delayed")
far:receive(3)
expect(now() - sent >= 0.065, "by so much, beyond the delay of the wire")
slow:remove()
local aside = listener:accept()

-- One direction.
local silent = wire:from(server):drop { data = false }
near:send "two"
expect(far:receive(3) == "two", "the other direction is as it was")
settle "100ms"
expect(silent.hits >= 1 and packets.count { fate = "dropped", from = client, since = sent } == 0, "ACKs of the server vanish")
silent:remove()

-- Functions decide by one field of the packet, while it enters.
local seen = {}
local odd = wire:drop { from = client, data = function(data) seen[#seen + 1] = data return data == "odd" end, count = 1 }
other:send "even"
other:send "odd"
expect(aside:receive(7) == "evenodd" and odd.hits == 1 and seen[1] == "even" and seen[2] == "odd", "a function")
local late = wire:drop { time = function(time) return time < 0 end }
other:send "x"
expect(aside:receive(1) == "x" and late.hits == 0, "time is a field for functions alone")
late:remove()

-- Delay that changes reorders nothing.
wire:set { delay = "40ms" }
other:send "1"
wire:set { delay = 0 }
other:send "2"
expect(aside:receive(2) == "12", "in order")
settle()
wire:from(client):set { delay = "50ms" }
local asked = now()
other:send "3"
aside:receive(1)
expect(now() - asked >= 0.05, "one direction has another delay")
wire:set {}
wire:set { delay = "1ms" }

-- A cut wire keeps its interfaces up.
mark = now()
wire:cut()
wire:cut()
near:send "lost"
expect(near:state() == "ESTABLISHED", "nobody has noticed")
wire:mend()
expect(far:receive(4) == "lost", "the kernel has repeated it")
expect(packets { since = mark, data = true }[1].fate == "dropped", "the first one vanished")
wire:from(server):cut()
near:send "one way"
expect(far:receive(7) == "one way", "towards the server all is well")
wire:from(server):mend()

expect(tostring(lost) == "rule drop flags S, nth 1", "a rule in words")
expect(tostring(wire:from("server")) == "wire client-server from server", "a direction in words")

local function refuses(text, fn, ...)
  local ok, why = pcall(fn, ...)
  expect(not ok and why:find(text, 1, true), text .. " // " .. tostring(why))
end
refuses("unknown field \"form\" in a filter; there are from, to", wire.drop, wire, { form = server })
refuses("unknown field \"fate\" in a filter", wire.drop, wire, { fate = "held" })
refuses("unknown field \"form\"", wire.drop, wire, { form = function() end })
refuses("unknown field \"by\" in a filter", wire.drop, wire, { by = "20ms" })
refuses("nth, count, by", wire.delay, wire, { by = 1, hits = 2 })
refuses("delay: by how much?", wire.delay, wire, { from = server })
refuses("nth is a whole number from 1 on, not 0", wire.drop, wire, { nth = 0 })
refuses("nth is a whole number from 1 on, not string", wire.drop, wire, { nth = "third" })
refuses("nth = {} names no packet", wire.drop, wire, { nth = {} })
refuses("count is a whole number from 1 on, not -1", wire.hold, wire, { count = -1 })
refuses("data is true, false, or the bytes themselves, not number", wire.drop, wire, { data = 5 })
refuses("a filter is a table", wire.drop, wire, "S")
refuses("a rule has no `hit`; it has hits, remove", function() return lost.hit end)
refuses("one direction of a wire has no `from`", function() return wire:from(server).from end)
local third = pcall(wire.from, wire, "nobody")
expect(not third, "there is no such host")
near:close()
far:close()
