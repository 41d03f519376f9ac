-- An MTU of 9000 makes segments of 8948 bytes and an MSS of 8960.
title "Large packets"
local MTU <const> = 9000
local server, client = host "server", host "client"
link(client, server, { mtu = MTU })
cue "Before the first packet."

server:listen(8080, function(conn) conn:send(bytes(30000)) end)
local conn = client:connect(server, 8080)
expect(conn:receive "all" == bytes(30000), "all arrives")
conn:close()
settle()
for _, packet in ipairs(packets { flags = "S" }) do expect(packet.mss == MTU - 40, "the MSS that SYN announces") end
for _, packet in ipairs(packets { flags = "SA" }) do expect(packet.mss == MTU - 40, "the MSS that SYN+ACK announces") end
local sizes = {}
for _, packet in ipairs(packets { data = true }) do sizes[packet.len] = (sizes[packet.len] or 0) + 1 end
expect(sizes[MTU - 52] == 30000 // (MTU - 52), "all but the last are full, less the timestamps")
cue "After the last packet."
