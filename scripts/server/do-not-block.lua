-- Seen: one handler computes for two seconds, and everybody waits two seconds.
title { ko = "이벤트 루프를 막지 마라", en = "Do not block the event loop" }

local model = param("model", "epoll", { "epoll", "threads" })
local client, server = host "client", host "server"
server:listen(8080, { model = model }, function(conn)
  for request in conn:lines() do
    if request == "heavy" then busy "2s" end
    conn:send "done\n"
  end
end)

cue({ ko = "서버는 %s. 요청 하나가 2초 동안 계산한다. 가벼운 요청 넷은 얼마나 기다릴까?",
  en = "The server: %s. One request computes for two seconds. How long will four light ones wait?" }, model)
client:connect(server, 8080):send "heavy\n"
local waited = client:spawn("light", 4, function()
  local conn <close> = client:connect(server, 8080) -- a round trip: the heavy request is there first
  local began = now()
  conn:send "light\n"
  return conn:receive "line" and now() - began
end):join()

say({ ko = "%.2f, %.2f, %.2f, %.2f초.", en = "%.2f, %.2f, %.2f, %.2f s." }, table.unpack(waited))
expect((math.min(table.unpack(waited)) > 1.5) == (model == "epoll"),
  { ko = "이벤트 루프에서는 모두가, 스레드에서는 아무도", en = "in an event loop everybody, with threads nobody" })
