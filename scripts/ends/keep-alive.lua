-- Seen: 20 requests are 20 handshakes and 20 TIME_WAIT, or one of each on a connection that is kept.
title { ko = "keep-alive, 또는 요청마다 연결 하나", en = "Keep-alive, or a connection per request" }

local keep = param("keep", false)
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
server:listen(8080, function(conn)
  for _ in conn:lines() do conn:send "pong\n" end
end)

cue(keep and { ko = "요청 20개를 연결 하나로 보낸다. 시간은?", en = "20 requests on one connection. How long will they take?" }
  or { ko = "요청 20개를 매번 새 연결로 보낸다. 시간은?", en = "20 requests, each on a new connection. How long will they take?" })
local began, conn = now(), nil
for _ = 1, 20 do
  conn = conn or client:connect(server, 8080)
  conn:send "ping\n"
  conn:receive "line"
  if not keep then
    conn:close()
    conn = nil
  end
end
local took = now() - began
if conn then conn:close() end

local connections = keep and 1 or 20
say({ ko = "%.2f초, 패킷 %d개.", en = "%.2f s and %d packets." }, took, #packets())
expect(#packets { from = client, flags = "S" } == connections, { ko = "핸드셰이크 횟수", en = "so many handshakes" })
expect(function() return client:count "TIME_WAIT" == connections end, { ko = "남은 TIME_WAIT도 같다", en = "and as many TIME_WAIT are left" })
expect(took > 0.04 * (20 + connections), { ko = "요청마다 왕복 한 번, 연결마다 또 한 번", en = "a round trip a request, and one more a connection" })
