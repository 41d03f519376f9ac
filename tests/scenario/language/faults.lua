-- faults: what links do to packets by measure and by chance: loss, rate, queue, jitter, copies, wrong bits, sizes.
-- Run with: --seed 7
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "2ms", loss = "100%" })
local listener = server:listen(80)

local conn, code = client:connect(server, 80, { timeout = "50ms" })
expect(conn == nil and code == "timeout" and #packets { fate = "dropped" } >= 1, "everything is lost, from the first packet on")
wire:set { loss = 0 }
local near = client:connect(server, 80)
local far = listener:accept()
expect(near and far, "zero clears")

-- Bytes of `from`, and how long they take until all are there.
local function carry(from, to, size)
  local began = now()
  spawn("sender", function() from:send(bytes(size)) end)
  local data = to:receive(size)
  expect(data == bytes(size), "what was sent arrives")
  return now() - began
end

wire:from(server):set { rate = "2mbit" }
local took = carry(far, near, 100000)
expect(took > 0.4, "100,000 bytes at 2 Mbit/s take 0.4 s and what the headers need")
expect(carry(near, far, 100000) < took / 2, "the other direction is as fast as before")

-- A queue of ten packets cannot take what a window may hold.
local since = now()
wire:from(server):set { rate = "10mbit", queue = 10 }
carry(far, near, 200000)
settle()
local full = packets.count { since = since, from = server, fate = "dropped" }
expect(full > 0, "the queue was full")
wire:from(server):set { rate = 0, queue = 0 }

since = now()
wire:set { loss = "5%" }
carry(far, near, 300000)
settle()
expect(packets.count { since = since, fate = "dropped" } > 0, "some are lost")
wire:set { loss = 0, burst = { enter = "5%", leave = "90%" } }
since = now()
carry(far, near, 300000)
settle()
expect(packets.count { since = since, fate = "dropped" } > 0, "some are lost in bursts")
wire:set { burst = {} }

since = now()
wire:from(server):set { duplicate = 1 }
carry(far, near, 5000)
settle()
local sent = packets.count { since = since, from = server }
expect(sent > 0 and packets.count { since = since, from = server, fate = "duplicated" } == sent, "each arrives twice")
wire:from(server):set { duplicate = 0, corrupt = 1 }
since = now()
far:send "wrong"
near:timeout "20ms"
expect(select(2, near:receive(5)) == "timeout", "the kernel throws away what is wrong")
near:timeout(0)
expect(packets { since = since, from = server }[1].fate == "corrupted", "a wrong bit")
wire:from(server):set { corrupt = 0 }
expect(near:receive(5) == "wrong", "until it is repeated")
settle()

wire:set { delay = "10ms", reorder = "30%", reorder_by = "3ms" }
carry(far, near, 100000)
settle()
wire:set { reorder = 0 }
wire:set { jitter = "5ms", distribution = "normal" }
carry(far, near, 100000)
settle()
wire:set { jitter = 0, distribution = "uniform", delay = "2ms" }

-- Sizes. With the ICMP error the kernel learns what the path takes, without it the answer hangs.
wire:set { path_mtu = 1000 }
since = now()
carry(far, near, 20000)
settle()
local told = packets { since = since, from = client, to_port = 0 }
expect(#packets { since = since, fate = "dropped", from = server } > 0 and #told > 0, "refused, and told so")
expect(packets.count { since = since, from = server, fate = "delivered", min_len = 949 } == 0, "nothing larger came through")
wire:set { path_mtu = 0 }

local other = client:connect(server, 80)
local hung = listener:accept()
wire:set { black_hole = 600 }
hung:send(bytes(20))
expect(other:receive(20), "small ones pass")
hung:send(bytes(3000))
other:timeout "100ms"
expect(select(2, other:receive(3000)) == "timeout", "the large ones vanish")
wire:set { black_hole = 0 }
other:timeout(0)
expect(other:receive(3000), "once the hole is gone they come")
settle()

-- The interfaces' own MTU.
since = now()
wire:set { mtu = 600 }
carry(far, near, 5000)
expect(packets.count { since = since, from = server, min_len = 549 } == 0, "the kernel makes smaller packets")
wire:set { mtu = 9000 }
local big = client:connect(server, 80)
local answer = listener:accept()
since = now()
carry(answer, big, 8000)
expect(packets.count { since = since, from = server, data = true } == 1, "and larger ones")

local function refuses(text, fn, ...)
  local ok, why = pcall(fn, ...)
  expect(not ok and why:find(text, 1, true), text .. " // " .. tostring(why))
end
refuses("set: unknown option \"los\"; it takes black_hole, burst, corrupt, delay, distribution", wire.set, wire, { los = 1 })
refuses("loss: \"2\" is no share; write \"1%\" or 0.01", wire.set, wire, { loss = 2 })
refuses("rate: \"10mb\" is no rate; write \"10mbit\"", wire.set, wire, { rate = "10mb" })
refuses("queue: \"many\" is neither packets", wire.set, wire, { queue = "many" })
refuses("ecn: queue and ecn are both in packets or both in bytes", function() wire:set { queue = 5 } wire:set { ecn = "9kB" } end)
refuses("set: loss is a number or a text such as \"1%\"", wire.set, wire, { loss = true })
refuses("set: burst is a table, not string", wire.set, wire, { burst = "1%" })
refuses("set: burst: unknown option \"length\"; it takes enter, leave, loss", wire.set, wire, { burst = { length = 3 } })
refuses("distribution is one of \"uniform\", \"normal\", not \"odd\"", wire.set, wire, { distribution = "odd" })
refuses("an MTU is 68 to 65521 bytes, not 10", wire.set, wire, { mtu = 10 })
refuses("path_mtu: it is 68 to 65535 bytes", wire.set, wire, { path_mtu = 10 })
refuses("mtu belongs to the whole wire", function() wire:from(server):set { mtu = 1400 } end)
