-- Bare sockets: each call by itself, what it sends, and what the kernel says where it makes no sense.
local server, client = host "server", host "client"
link(client, server, { delay = "10ms" })

-- A server, step by step.
local listener = server:socket "tcp"
expect(listener:fd() == 3 and listener:state() == "CLOSE", "a number, and nothing else yet")
expect(select(2, listener:accept()) == "EINVAL", "accept before listen")
expect(listener:bind(80) and select(2, listener:local_address()) == 80, "bind")
local ok, code, sentence = listener:bind(81)
expect(code == "EINVAL" and sentence:find "bound already", "bind again")
expect(listener:state() == "CLOSE", "bound is no state")
expect(listener:listen(5) and listener:state() == "LISTEN", "listen")
expect(listener:listen(9) and select(2, listener:queues()) == 9, "listen again changes the limit")
expect(select(2, listener:connect(client, 80)) == "EISCONN", "connect where it listens")
expect(packets.count() == 0, "nothing was sent for all that")

-- A client that does not wait.
local near = client:socket "tcp"
ok, code, sentence = near:recv()
expect(code == "ENOTCONN" and sentence:find "not connected", "recv before connect")
expect(select(2, near:send "x") == "EPIPE", "send before connect")
expect(select(2, near:peer_address()) == "ENOTCONN", "no peer")
local shut = client:socket "tcp"
expect(select(2, shut:shutdown "receive") == "ENOTCONN", "shutdown before connect")
shut:connect(server, 80)
expect(select(2, shut:recv()) == "closed", "though the kernel remembers it")
shut:close()
expect(listener:accept():close(), "its other end")
near:nonblocking(true)
ok, code, sentence = near:connect(server, 80)
expect(code == "EINPROGRESS" and sentence:find("connect to server:80: under way", 1, true), "connect is under way")
expect(near:state() == "SYN_SENT" and packets.count { flags = "S", conn = near } == 1, "a SYN was sent")
expect(select(2, near:connect(server, 80)) == "EALREADY" and near:get "SO_ERROR" == 0, "it still is")
expect(function() return near:state() == "ESTABLISHED" end, "it ends by itself")
expect(near:get "SO_ERROR" == 0, "and well")
expect(near:connect(server, 80) and select(2, near:connect(server, 80)) == "EISCONN", "told once, then connected")
local far = listener:accept()
expect(far:peer_address() == client.address and far:state() == "ESTABLISHED", "accept")
far:send "hello"
near:nonblocking(false)
expect(near:recv() == "hello", "the same methods as any connection")
expect(#packets { conn = near, flags = "S" } == 1, "one connection by all these calls")

-- Refused, without waiting.
local refused = client:socket "tcp"
refused:nonblocking(true)
refused:connect(server, 81)
expect(function() return refused:state() == "CLOSE" end, "refused")
expect(refused:get "SO_ERROR" == "ECONNREFUSED" and refused:get "error" == 0, "SO_ERROR tells once")
expect(select(2, refused:connect(server, 80)) == "ECONNABORTED", "as the kernel says it")
expect(select(2, refused:connect(server, 80)) == "EINPROGRESS", "and then begins anew")
expect(function() return refused:state() == "ESTABLISHED" end, "with the same socket")

-- Refused, waiting; then again.
local again = client:socket "tcp"
expect(select(2, again:connect(server, 81)) == "ECONNREFUSED", "refused")
expect(again:connect(server, 80) and again:state() == "ESTABLISHED", "a socket can try again")
local ends = {}
for _, packet in ipairs(packets { flags = "S", from = client }) do ends[packet.from_port] = true end
expect(ends[select(2, again:local_address())], "from another port")
expect(#packets { conn = again, flags = "S" } == 1, "as another connection")

-- Where it is bound.
local bound = client:socket "tcp"
expect(bound:bind(client, 5000) and bound:local_address() == client.address, "to a host's address")
expect(bound:connect(server, 80) and select(2, bound:local_address()) == 5000, "the port stays")
expect(select(2, client:socket "tcp":bind(server, 90)) == "EADDRNOTAVAIL", "not to that of another")
expect(client:socket "tcp":bind("127.0.0.1", 90), "to that of lo")
local unbound = client:socket "tcp"
expect(unbound:listen() and select(2, unbound:local_address()) > 1023, "listen chooses a port where none was bound")

-- A limit of the script's own.
local limited = client:socket "tcp"
expect(select(2, limited:connect("10.1.77.77", 80, { timeout = "30ms" })) == "timeout", "over")
expect(limited:state() == "SYN_SENT", "the kernel goes on")
limited:close()

-- With itself.
local own = client:socket "tcp"
own:bind(6000)
expect(own:connect(client, 6000) and own:state() == "ESTABLISHED", "both ends in one socket")
expect(own:peer_address() == own:local_address(), "of one address")
own:send "me"
expect(own:recv() == "me", "it hears itself")
own:close()
expect(own:state() == "TIME_WAIT", "and ends as others do")

-- shutdown ends listening.
listener:shutdown "receive"
expect(listener:state() == "CLOSE" and select(2, listener:accept()) == "EINVAL", "nobody listens any more")

local function refuses(text, fn, ...)
  local worked, why = pcall(fn, ...)
  expect(not worked and why:find(text, 1, true), text)
end
refuses("socket takes \"tcp\", \"udp\", \"icmp\", \"icmpv6\" or \"raw\", not sctp", client.socket, client, "sctp")
refuses("only a raw socket is told a protocol", client.socket, client, "tcp", 6)
refuses("a raw socket takes", client.socket, client, "raw", 256)
refuses("bind: a port is a whole number from 0 to 65535, not \"80\"", bound.bind, bound, "80")
refuses("a host expected", bound.bind, bound, {}, 80)
refuses("connect: unknown option \"port\"; it takes timeout", bound.connect, bound, server, 80, { port = 1 })
refuses("listen: a backlog is a whole number, not many", bound.listen, bound, "many")
