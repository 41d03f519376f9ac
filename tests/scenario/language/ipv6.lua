-- With ipv6 = true a host has addresses of both kinds; by name it is reached by IPv4, by address6 by IPv6.
local a, b, old = host("a", { ipv6 = true }), host("b", { ipv6 = true }), host "old"
local gate, far = router("gate", { ipv6 = true }), host("far", { ipv6 = true, arp = true })
local lan, street = switch("lan", { a, b, old, gate }), link(gate, far, { delay = "3ms" })

local listener = b:listen(80)
local near = a:connect(b.address6, 80)
local peer = listener:accept()
expect(near:peer_address() == b.address6 and peer:peer_address() == a.address6, "by IPv6")
expect(b.address6:find "^fd" and b.address6 == lan:address6(b), "a private address of its wire")
near:send "hello\n"
expect(peer:receive "line" == "hello", "bytes as ever")
local syn = packets { conn = near, flags = "S" }[1]
expect(syn.protocol == "tcp" and syn.mss == 1440 and syn.from == a and syn.to == b and syn.ttl == 64, "20 bytes more of headers")
expect(packets.count { protocol = "ipv6" } == packets.count {}, "nothing else")
expect(#b:sockets { conn = near, state = "ESTABLISHED" } == 1, "its socket")
near:close()
expect(peer:recv() == nil, "its end")
peer:close()
expect(function() return #a:sockets { conn = near, state = "TIME_WAIT" } == 1 end, "states as ever")

expect(a:connect(b, 80):peer_address() == b.address, "by name: IPv4")
expect(old:connect(b, 80):peer_address() == b.address, "the listener is there for both")
expect(select(2, old:connect(b.address6, 80)) == "EAFNOSUPPORT", "a host without IPv6")

-- across a router, and what far asks its neighbour is seen
far:listen(80)
local mark = now()
local conn = a:connect(far.address6, 80)
expect(conn:peer_address() == street:address6(far), "routed")
expect(#packets { conn = conn, flags = "S" } == 2 and packets { conn = conn, on = street, flags = "S" }[1].ttl == 63, "on both wires")
local asked, told = packets { icmp = "neighbour solicitation" }, packets { icmp = "neighbour advertisement" }
expect(#asked == 1 and #told == 1 and asked[1].from == far and told[1].from == gate, "one neighbour asked, one told")
expect(asked[1].time < packets { conn = conn, on = street, flags = "SA" }[1].time, "before it answers")
expect(a:ping(far.address6) and a:ping "far", "ping")
expect(packets.count { protocol = "icmpv6", icmp = "echo request", since = mark } == 2, "on both wires")
expect(far:connect(far.address6, 80), "to itself")

local box, sender = b:udp(53), a:udp()
sender:sendto(b.address6, 53, "question")
local text, from = box:recvfrom()
expect(text == "question" and from == a.address6, "datagrams")
