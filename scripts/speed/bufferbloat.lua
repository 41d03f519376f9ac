-- Seen: while a download fills the queue on the way, a round trip takes as long as the queue is.
title { ko = "버퍼가 너무 크면: bufferbloat", en = "Bufferbloat" }

local queue = param("queue", 200, { 20, 200 }) -- packets that may wait where the line is slow
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "10ms" })
wire:from(server):set { rate = "10mbit", queue = queue }
server:listen(8080, function(conn)
  conn:set("congestion", "reno") -- sends more until something is lost; cubic may stop before
  conn:send(bytes "2MiB")
end)
server:listen(7, function(conn)
  for line in conn:lines() do conn:send(line .. "\n") end
end)

local echo = client:connect(server, 7)
local function round_trip()
  local began = now()
  echo:send "ping\n"
  echo:receive "line"
  return now() - began
end
local idle = round_trip()
say({ ko = "빈 선에서 왕복 %.0f ms.", en = "On an empty line a round trip takes %.0f ms." }, idle * 1000)

cue({ ko = "이제 내려받기를 시작한다. 10 Mbit/s, 큐 %d개. 왕복은 얼마나 걸릴까?",
  en = "Now a download starts, at 10 Mbit/s and with a queue of %d. How long will a round trip take?" }, queue)
local download = client:spawn("download", function() return client:connect(server, 8080):receive "all" end)
sleep "500ms"
local trips = {}
for i = 1, 5 do trips[i] = round_trip() end
table.sort(trips)
say({ ko = "내려받는 동안 %.0f ms.", en = "During the download, %.0f ms." }, trips[3] * 1000)
download:join()
expect((trips[3] > 0.1) == (queue == 200), { ko = "큐가 길수록 오래 기다린다", en = "the longer the queue, the longer the wait" })
