-- Seen: a short message is one packet; 5000 bytes are one send call and four packets.
title { ko = "메시지 하나는 패킷 몇 개일까?", en = "One message, how many packets?" }

local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })

server:listen(8080, function(conn)
  for request in conn:lines() do
    conn:send(request == "long" and bytes(5000) or "pong\n")
  end
end)

say { ko = "짧은 메시지는 세그먼트 하나에 들어간다.", en = "A short message fits in one segment." }
local conn = client:connect(server, 8080)
conn:send "ping\n"
conn:receive "line"

cue { ko = "5000바이트는 들어가지 않는다. 몇 개가 될까?", en = "Five thousand bytes do not. How many will it be?" }
conn:send "long\n"
conn:receive(5000)
conn:close()

expect(#packets { from = server, data = true } == 5,
  { ko = "pong은 1개, 5000바이트는 4개", en = "1 segment for pong, 4 for 5000 bytes" })
expect(packets { flags = "S" }[1].mss == 1460, { ko = "MSS 1460을 알린다", en = "an MSS of 1460 is announced" })
