-- inject: packets that no kernel has sent, made from fields as packets() has them.
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "2ms" })
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
local idle = client:connect(server, 80)
local other = listener:accept()

-- Into a connection: numbers go on where they are not given, relative ones are counted as everywhere.
local forged = wire:inject { conn = near, from = client, data = "forged" }
expect(forged.from == client and forged.to == server and forged.to_port == 80 and forged.seq == 1, "as the client")
expect(forged.data == "forged" and forged.flags == "PA" and forged.ttl == 64, "what is usual")
expect(far:receive(6) == "forged", "the server believes it")
expect(forged.call == nil, "no call has sent it")
near:send "no news"
expect(far:receive(1) == "s", "the client's own first six bytes are taken for repeated ones")
settle()

-- A reset with the right number ends a connection, one with a wrong number does not.
wire:inject { conn = idle, from = server, flags = "R", seq = 12345 }
settle()
expect(idle:state() == "ESTABLISHED", "a wrong number")
wire:inject { conn = idle, from = server, flags = "R" }
expect(function() return idle:state() == "CLOSE" end, "the right one")
expect(select(2, idle:recv()) == "ECONNRESET", "as if the server had sent it")

-- SYNs from addresses that nobody has fill the queue of half-open connections.
for i = 1, 5 do
  wire:inject { from = "10.1.200." .. i, to = server, from_port = 1000 + i, to_port = 80, flags = "S", seq = 7 * i, mss = 1460 }
end
expect(function() return #server:sockets { state = "SYN_RECV" } == 5 end, "half-open")
local syns = packets { flags = "S", from_port = 1001 }
expect(#syns == 1 and syns[1].from == nil and syns[1].mss == 1460, "from nobody")

-- UDP to a port where nobody listens is answered by ICMP; so is ping. Wrong checksums are not.
local since = now()
wire:inject { protocol = "udp", from = client, to = server, from_port = 5000, to_port = 5001, data = "anybody?" }
expect(function() return packets.count { since = since, from = server, to = client, data = true } == 1 end, "port unreachable")
since = now()
wire:inject { from = "client", to = "server", icmp = "echo request", icmp_rest = 65537, data = "ping" }
expect(function() return packets.count { since = since, from = server, data = "ping" } == 1 end, "an echo")
since = now()
wire:inject { protocol = "icmp", from = client, to = server, icmp_type = 8, data = "ping", checksum = false }
wire:inject { protocol = "ip", from = client, to = server, ip_protocol = 1, data = "no ICMP" }
settle()
expect(packets.count { since = since, from = server } == 0, "no answer to what is wrong")

-- Options of TCP, fragments, ARP, MAC addresses, a whole frame.
wire:inject { from = client, to = server, from_port = 4000, to_port = 80, flags = "S", mss = 500, window = 1000,
  window_scale = 7, sack_permitted = true, timestamps = { 1000, 0 } }
expect(function() return #packets { from = server, to_port = 4000, flags = "SA" } == 1 end, "SYN, ACK")
wire:inject { protocol = "ip", ip_protocol = 17, from = client, to = server, more_fragments = true, dont_fragment = false,
  ip_id = 7, data = bytes(1480) }
wire:inject { protocol = "arp", operation = "reply", from = client, to = server, from_mac = "02:00:00:00:00:01",
  to_mac = "ff:ff:ff:ff:ff:ff" }
local frame = ("\xff"):rep(6) .. "\x02\0\0\0\0\x63" .. "\x88\xb5" .. "hello"
expect(wire:from(client):inject { frame = frame }.len == 5, "a frame of an unknown kind")

-- Rules and chance treat it like any other.
local rule = wire:drop { from_port = 4242 }
local gone = wire:inject { from = client, to = server, from_port = 4242, to_port = 80, flags = "S" }
expect(gone.fate == "dropped" and rule.hits == 1, "dropped")

local function refuses(text, packet)
  local ok, why = pcall(wire.inject, wire, packet)
  expect(not ok and why:find(text, 1, true), text .. " // " .. tostring(why))
end
refuses("inject: unknown option \"form\"; it takes ack, checksum, conn", { form = client })
refuses("inject: who sends it to whom?", { from = client, flags = "S" })
refuses("inject: which end of conn sends it?", { conn = near, data = "x" })
refuses("conn: this socket has no connection", { conn = listener, from = client })
refuses("inject: from and to are both IPv4 or both IPv6", { from = "fd00::1", to = server })
refuses("inject: protocol is one of \"tcp\"", { from = client, to = server, protocol = "sctp" })
refuses("inject: flags are letters", { from = client, to = server, flags = "X" })
refuses("inject: seq is a whole number from 0 to 4294967295", { from = client, to = server, seq = -1 })
refuses("inject: to_mac is a MAC address", { from = client, to = server, to_mac = "02:00" })
refuses("inject: operation is \"request\" or \"reply\"", { from = client, to = server, protocol = "arp", operation = "ask" })
refuses("inject: a frame on this wire has 14 to 1514 bytes, not 1554", { from = client, to = server, data = bytes(1500) })
refuses("inject: data of 70000 bytes does not fit into a packet", { from = client, to = server, data = bytes(70000) })
refuses("inject: from which host does it come?", { from = "10.9.9.9", to = "10.9.9.8" })
refuses("inject: from which host does it come?", { frame = frame })
refuses("inject: there is no ICMP message \"other\" here", { from = client, to = server, icmp = "other" })
