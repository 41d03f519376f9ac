-- A switch joins any number of hosts; a host at two switches has an interface at each, and forwards nothing.
local a, b, c, d = host "a", host "b", host "c", host "d"
local near = switch("near", { a, b, c }, { delay = "2ms", mtu = 1000 })
local far = switch("far", { c, "d" })

for _, server in ipairs { b, c, d } do server:listen(80) end
local began = now()
local conn = a:connect(b, 80)
local took = now() - began
expect(took >= 0.004 and took < 0.08, "2 ms each way")
expect(conn:info().advmss == 1000 - 52, "the MTU of its interfaces")
expect(conn:peer_address() == near:address(b) and near:address(b) == b.address, "an address on it")

began = now()
conn = d:connect(c, 80)
took = now() - began
expect(took >= 0.002 and took < 0.08, "1 ms each way unless told")
expect(conn:peer_address() == far:address(c) and far:address(c) ~= c.address, "c by the switch that it shares with d")
expect(a:connect(c, 80):peer_address() == near:address(c), "and with a by the other")
settle()

expect(#packets { on = near, from = a, to = b, flags = "S" } == 1, "each packet on its switch")
expect(packets.count { on = far, from = d } > 0 and packets.count { on = near, from = d } == 0, "and no other")
expect(packets.count { fate = "delivered" } == packets.count {}, "all arrived")

local _, code = a:connect(d, 80)
expect(code == "ENETUNREACH", "nobody forwards from one to the other")
expect(select(2, a:udp():sendto(d, 9, "hello")) == "ENETUNREACH", "datagrams neither")
expect(tostring(near) == "wire near", "named as it was")
