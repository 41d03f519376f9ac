-- Seen: the packets are the size divided by what a segment carries: the MSS announced, less 12 bytes of timestamps.
title { ko = "1448바이트와 1449바이트", en = "1448 bytes and 1449 bytes" }

local size = param("size", 1449, { 18, 1448, 1449, 5000 })
local mtu = param("mtu", 1500, { 1500, 576 })
local maxseg = param("maxseg", 0, { 0, 500 }) -- TCP_MAXSEG of the receiver; 0 leaves it to the MTU
local server, client = host "server", host "client"
link(client, server, { delay = "20ms", mtu = mtu })

server:listen(8080, function(conn)
  if conn:receive "line" then conn:send(bytes(size)) end
end)
local conn = client:connect(server, 8080, { maxseg = maxseg > 0 and maxseg or nil })

local announced = packets { from = client, flags = "S" }[1].mss
say({ ko = "클라이언트가 SYN에서 알린 MSS는 %d이다.", en = "In its SYN the client announced an MSS of %d." }, announced)
cue({ ko = "%d바이트를 받으려면 패킷이 몇 개 필요할까?", en = "%d bytes: how many packets will they take?" }, size)
conn:send "please\n"
conn:receive "all"
conn:close()

local segments = packets { from = server, data = true }
local room = announced - 12 -- the timestamp option rides in every segment
say({ ko = "%d개. 첫 패킷에 %d바이트가 실렸다.", en = "%d. The first one carries %d bytes." }, #segments, segments[1].len)
expect(announced == (maxseg > 0 and maxseg or mtu - 40),
  { ko = "MSS는 MTU에서 IP와 TCP 헤더 40바이트를 뺀 값", en = "the MSS: the MTU less 40 bytes of IP and TCP headers" })
expect(segments[1].len == math.min(size, room),
  { ko = "타임스탬프 옵션 12바이트만큼 덜 실린다", en = "12 bytes less are carried: the timestamp option" })
expect(#segments == math.ceil(size / room), { ko = "나누고 올림한 만큼", en = "divided, and rounded up" })
