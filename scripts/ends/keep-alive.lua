-- Seen: 20 requests are 20 handshakes and 20 TIME_WAIT, or one of each on a connection that is kept.
title { ko = "keep-alive, 또는 요청마다 연결 하나", en = "Keep-alive, or a connection per request" }

local keep = param("keep", false)
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
server:http(8080, { ["/ping"] = "pong\n" })

say(keep and { ko = "연결 하나로 요청 20개를 보낸다.", en = "20 requests, on one connection." }
  or { ko = "요청 20개를 보낸다. 매번 새 연결로.", en = "20 requests, each on a connection of its own." })
cue { ko = "핸드셰이크는 몇 번, 시간은 얼마나?", en = "How many handshakes, and how long?" }
local began = now()
if keep then
  local conn <close> = client:connect(server, 8080)
  for _ = 1, 20 do conn:request("GET", "/ping") end
else
  for _ = 1, 20 do client:get "http://server:8080/ping" end
end
local took, connections = now() - began, keep and 1 or 20

expect(function() return client:count "TIME_WAIT" + server:count "TIME_WAIT" == connections end,
  { ko = "연결마다 TIME_WAIT가 하나 남는다", en = "each connection leaves one TIME_WAIT" })
say({ ko = "패킷 %d개, %.1f초.", en = "%d packets, %.1f s." }, #packets(), took)
expect(#packets { from = client, flags = "S" } == connections,
  { ko = "연결마다 핸드셰이크 한 번", en = "each connection takes a handshake" })
expect(took > 0.04 * (20 + connections),
  { ko = "요청마다 왕복 한 번, 핸드셰이크마다 또 한 번", en = "a round trip for each request, and one for each handshake" })
