-- Sockets of ICMP: the unprivileged kind, for echo requests alone, and raw ones; what ICMP has told stands in a queue.
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "2ms" })
local function echo(sequence, data) return string.pack(">BBHHH", 8, 0, 0, 0, sequence) .. data end

local ping = client:socket "icmp"
expect(ping:bind(77) and select(2, ping:local_address()) == 77, "its port is the identifier")
expect(ping:sendto(server, echo(5, "hello")) == 13, "no port where the protocol has none")
local data, address, port = ping:recvfrom()
local kind, code, _, identifier, sequence = string.unpack(">BBHHH", data)
expect(kind == 0 and code == 0 and identifier == 77 and sequence == 5 and data:sub(9) == "hello", "the echo")
expect(address == server.address and port == 0, "from the server")
expect(#packets { protocol = "icmp" } == 2 and #packets { icmp = "echo reply", data = "hello" } == 1, "two packets")
local ok, why, sentence = ping:sendto(server, string.pack(">BBHHH", 3, 3, 0, 0, 0))
expect(why == "EINVAL" and sentence:find "sends echo requests", "nothing else can be sent")
expect(select(2, ping:queued_error()) == "EAGAIN", "no error is queued")

-- A raw socket gets a copy of every message, and sends any.
local raw, all = client:socket("raw"), server:socket("raw", 1)
ping:connect(server, 0)
ping:send(echo(6, "again"))
ping:recv()
data, address = raw:recvfrom()
expect(#data == 20 + 13 and data:byte(1) == 0x45 and address == server.address, "with the header of IP")
expect(data:sub(29) == "again", "the same reply")
expect(all:recv():sub(29) == "again", "and the request, at the other end")

-- A checksum by hand (RFC 1071).
local function checksum(bytes)
  local sum = 0
  for at = 1, #bytes, 2 do sum = sum + (bytes:byte(at) << 8 | (bytes:byte(at + 1) or 0)) end
  sum = (sum & 0xffff) + (sum >> 16)
  return ~(sum + (sum >> 16)) & 0xffff
end
local message = string.pack(">BBHHH", 8, 0, 0, 4660, 1) .. "by hand"
message = message:sub(1, 2) .. string.pack(">H", checksum(message)) .. message:sub(5)
raw:sendto(server, message)
expect(raw:recv():sub(29) == "by hand", "answered")
expect(packets { data = "by hand" }[1].call, "packets know the call that sent them")
ok, why, sentence = raw:sendto(server, "x")
expect(why == "EFAULT" and sentence:find "too short", "less than a header")

-- Other protocols: a segment of TCP as a raw socket sees it, a protocol nobody speaks.
local listener = server:listen(80)
local seen = server:socket("raw", "tcp")
client:connect(server, 80)
data = seen:recv()
expect(string.unpack(">H", data, 23) == 80 and data:byte(34) == 2, "a SYN to port 80")
local strange = client:socket("raw", 253)
strange:set("recverr", true)
strange:connect(server, 0)
strange:send "what is this?"
ok, why = strange:recv()
expect(why == "ENOPROTOOPT", "protocol unreachable")
local name, says, by = strange:queued_error()
expect(name == "ENOPROTOOPT" and says == "protocol unreachable" and by == server.address, "says the server")
expect(#packets { icmp = "protocol unreachable" } == 1, "as the wire has seen")

-- The path's MTU.
local big = client:udp()
big:set("recverr", true)
big:set("mtu_discover", 2)
big:connect(server, 9)
expect(select(2, big:send(bytes(1473))) == "EMSGSIZE", "this host knows it already")
name, says, by = big:queued_error()
expect(name == "EMSGSIZE" and says == nil, "and no ICMP was needed")
big:send "x"
expect(select(2, big:recv()) == "ECONNREFUSED", "port unreachable")
expect(select(2, big:queued_error()) == "port unreachable", "from its queue")
