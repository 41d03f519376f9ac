-- Seen: duplicate ACKs tell of a packet lost in the middle; of the last one nothing tells but a timer.
title { ko = "TCP는 패킷이 사라진 것을 어떻게 알까?", en = "How does TCP know that a packet was lost?" }

local lost = param("lost", 3, { 3, 10 }) -- which of ten
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "50ms" })
server:listen(8080, function(conn)
  for _ in conn:lines() do conn:send(bytes(10 * 1448)) end -- and stays: a FIN would bring an ACK, too
end)
wire:drop { from = server, data = true, nth = lost }

local conn = client:connect(server, 8080)
cue({ ko = "패킷 열 개 중 %d번째가 사라진다. 서버는 언제, 어떻게 알까?",
  en = "Number %d of ten packets is lost. When will the server know, and how?" }, lost)
conn:send "ten, please\n"
conn:receive(10 * 1448)
conn:close()

local again = packets { from = server, note = "retransmission" }[1]
local first = packets { id = again.of }[1]
say({ ko = "%.0f ms 뒤에 다시 보냈다. 왕복은 100 ms.", en = "It was sent again after %.0f ms; a round trip takes 100 ms." },
  (again.time - first.time) * 1000)
expect((#packets { from = client, note = "duplicate ack" } >= 3) == (lost == 3),
  { ko = "뒤따라온 패킷마다 같은 ACK: 마지막 것에는 뒤따르는 것이 없다",
    en = "each packet behind it brings the same ACK again; behind the last one there is none" })
expect((again.time - first.time < 0.18) == (lost == 3),
  { ko = "중복 ACK면 왕복 한 번, 없으면 타이머까지", en = "one round trip with duplicate ACKs; without, until a timer" })
