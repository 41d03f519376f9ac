-- UDP: each datagram by itself, with its sender; what is too long, cut, or refused; a server of datagrams.
local server, client = host "server", host "client"
link(client, server, { delay = "5ms" })
local far, near = server:udp(53), client:udp()
expect(far:state() == "CLOSE" and select(2, far:local_address()) == 53, "bound; datagrams know no LISTEN")
expect(near:sendto(server, 53, "one") == 3 and near:sendto("server", 53, "two") == 3, "each sendto")
near:sendto(server.address, 53, "")
near:sendto(server, 53, 3)
local data, address, port = far:recvfrom()
expect(data == "one" and address == client.address, "one recvfrom, one datagram")
expect(port == select(2, near:local_address()) and port > 1023, "from the port that the first sendto chose")
expect(far:recv() == "two", "recv does not tell from whom")
expect(far:recvfrom() == "", "one may be empty, and is no end")
expect(far:recvfrom() == "3", "a number is its text")
expect(#packets { protocol = "udp", from = client } == 4, "four packets for four calls")
far:sendto(address, port, "answer")
expect(near:recv() == "answer", "back to where it came from")
local sent = packets { protocol = "udp", data = "one" }[1]
expect(sent.protocol == "udp" and sent.to_port == 53 and sent.len == 3 and not sent.flags, "as packets() tells it")

-- Longer than there is room, looked at first.
near:sendto(server, 53, "0123456789")
local cut
data, cut = far:peek(4)
expect(data == "0123" and cut == "truncated", "peek leaves it there")
expect(far:queues() == 10, "all of it")
data, address, port, cut = far:recvfrom(6)
expect(data == "012345" and cut == "truncated" and port == select(2, near:local_address()), "recvfrom loses the rest")
far:timeout "20ms"
expect(select(2, far:recv()) == "timeout", "it is gone")
far:timeout(nil)
far:nonblocking(true)
expect(select(2, far:recvfrom()) == "EAGAIN", "without waiting")
far:nonblocking(false)

-- Fragments.
local ok, code, sentence = near:sendto(server, 53, bytes(65508))
expect(code == "EMSGSIZE" and sentence:find "too long for one datagram", "65,507 bytes are the most")
local since = now()
near:sendto(server, 53, bytes(3000))
expect(far:recv() == bytes(3000), "one datagram")
local pieces = packets { protocol = "udp", since = since }
expect(#pieces == 3 and #packets { fragment = true } == 3 and #packets { fragment = 1480 } == 1, "in three fragments")
expect(pieces[1].fragment == 0 and pieces[2].fragment == 1480 and pieces[3].fragment == 2960, "one behind the other")
expect(pieces[1].to_port == 53 and pieces[2].to_port == 0, "only the first has ports")
near:set("mtu_discover", 2)
expect(select(2, near:sendto(server, 53, bytes(3000))) == "EMSGSIZE", "where fragments are forbidden")
near:set("mtu_discover", 0)

expect(select(2, near:sendto("192.0.2.1", 53, "x")) == "ENETUNREACH", "where no route leads")

-- A peer by connect.
local peer = client:udp()
expect(select(2, peer:send "x") == "EDESTADDRREQ", "send to nobody")
expect(peer:connect(server, 54) and peer:state() == "ESTABLISHED", "connect sends nothing, and the kernel calls it ESTABLISHED")
expect(select(2, peer:peer_address()) == 54 and #packets { port = 54 } == 0, "it is remembered")
expect(peer:send "x" == 1, "nobody has port 54, which nobody knows yet")
expect(function() return #packets { icmp = "port unreachable", fate = "delivered" } == 1 end, "ICMP tells")
ok, code, sentence = peer:send "x"
expect(code == "ECONNREFUSED" and sentence:find "nobody has this port", "the next call tells")
expect(peer:send "x" == 1 and select(2, peer:recv()) == "ECONNREFUSED", "a waiting recv, too")
near:sendto(server, 54, "x")
settle()
expect(near:sendto(server, 54, "x") == 1 and near:get "SO_ERROR" == 0, "who has no peer is not told")
near:set("recverr", true)
near:sendto(server, 54, "x")
settle()
expect(select(2, near:sendto(server, 54, "x")) == "ECONNREFUSED", "but with IP_RECVERR")
local unreachable = packets { icmp = "port unreachable" }[1]
expect(unreachable.protocol == "icmp" and unreachable.from == server and unreachable.from_port == 0, "as packets() tells it")

-- A server: a function for each datagram.
local seen = 0
server:udp(99, { reuseaddr = true }, function(text, from, from_port, socket)
  seen = seen + 1
  socket:sendto(from, from_port, text:upper())
end)
local asks = client:udp(5000)
asks:connect(server, 99)
asks:send "hello"
expect(asks:recv() == "HELLO" and seen == 1, "answered")
asks:send "again"
expect(asks:recv() == "AGAIN" and seen == 2, "each of them")
expect(packets { from = client, port = 99 }[1].from_port == 5000, "from the port that was asked for")
expect(select(2, client:udp(5000)) == "EADDRINUSE", "which is taken now")

-- What makes no sense.
expect(select(2, asks:listen()) == "EOPNOTSUPP" and select(2, asks:accept()) == "EOPNOTSUPP", "no listening")
ok, code, sentence = asks:info()
expect(code == "EOPNOTSUPP" and sentence:find "this kind of socket cannot do that", "no TCP_INFO")
ok, code = asks:set("nodelay", true)
expect(ok == nil and code == "ENOPROTOOPT", "no option of TCP")
local copy = asks:dup()
asks:close()
copy:send "copy"
expect(copy:recv() == "COPY", "dup")
copy:close()

local function refuses(text, fn, ...)
  local worked, why = pcall(fn, ...)
  expect(not worked and why:find(text, 1, true), text)
end
refuses("receive gathers the bytes of a stream; a udp socket has recv and recvfrom", near.receive, near, "line")
refuses("this socket has no connection", packets, { conn = near })
refuses("this socket was closed before", asks.send, asks, "x")
refuses("sendto: a port is a whole number from 0 to 65535, not \"data\"", near.sendto, near, server, "data")
refuses("sendto takes text, got nil", near.sendto, near, server, 53)
refuses("a host expected", near.sendto, near, {}, 53, "x")
refuses("udp: a handler needs a port", server.udp, server, function() end)
refuses("udp: the handler is a function, not number", server.udp, server, 1, {}, 3)
refuses("udp: unknown option \"backlog\"", server.udp, server, 1, { backlog = 3 })
refuses("protocol is \"tcp\", \"udp\", \"icmp\"", packets, { protocol = "sctp" })
refuses("icmp is one of \"echo request\"", packets, { icmp = "ping" })
refuses("fragment is a whole number, not string", packets, { fragment = "first" })
