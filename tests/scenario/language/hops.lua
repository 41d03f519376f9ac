-- Each router takes one from the time to live; who takes the last says so. Fragments pass routers, and are seen as such.
local a, b = host "a", host "b"
local first, second = router "first", router "second"
local near, between, far = link(a, first), link(first, second), link(second, b)
b:listen(80)

local function hop(ttl) -- who answers a SYN that lives so long
  local mark = now()
  local _, code = a:connect(b, 80, { ttl = ttl, timeout = "1s" })
  local exceeded = packets { on = near, icmp = "time exceeded", since = mark }[1]
  return exceeded and exceeded.from, code, exceeded
end
local who, code, packet = hop(1)
expect(who == first and code == "EHOSTUNREACH", "the first router")
expect(packet.protocol == "icmp" and packet.to == a and packet.fate == "delivered", "by an ICMP error")
expect(packets { on = near, flags = "S" }[1].ttl == 1, "as it was sent")
who = hop(2)
expect(who == second, "the second")
expect(packets { on = between, flags = "S" }[1].ttl == 1, "by then only one is left")
who, code = hop(3)
expect(who == nil and code == nil, "then it is there")
expect(packets { on = far, flags = "S" }[1].ttl == 1, "just so")

local peer, sender = b:socket "udp", a:socket "udp"
peer:bind(9)
sender:connect(b, 9)
sender:send(bytes(3000))
expect(#peer:recv(4000) == 3000, "a datagram arrives whole or not at all")
for _, wire in ipairs { near, between, far } do
  local parts = packets { on = wire, protocol = "udp" }
  expect(#parts == 3, "three fragments")
  expect(parts[1].fragment == 0 and parts[2].fragment == 1480 and parts[3].fragment == 2960, "of 1480 bytes each")
  expect(parts[1].to_port == 9 and parts[2].to_port == 0, "only the first has the header with the ports")
end
