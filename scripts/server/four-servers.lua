-- Seen: five clients, a second each: 5 s one at a time, 3 s with a pool of two, 1 s with threads, poll or epoll.
title { ko = "하나씩, 스레드, 풀, 멀티플렉싱", en = "One at a time, threads, a pool, multiplexing" }

local model = param("model", "blocking", { "blocking", "threads", "pool", "select", "poll", "epoll" })
local client, server = host "client", host "server"
server:listen(8080, { model = model, workers = 2 }, function(conn)
  conn:receive "line"
  sleep "1s" -- waits, for a database say
  conn:send "done\n"
end)

cue({ ko = "서버는 %s, 클라이언트는 다섯, 하나에 1초. 모두 몇 초?",
  en = "The server: %s. Five clients, a second each. How long in all?" }, model)
local took = client:spawn("client", 5, function()
  local began = now()
  local conn <close> = client:connect(server, 8080)
  conn:send "work\n"
  return conn:receive "line" and now() - began
end):join()

table.sort(took)
say({ ko = "%.1f, %.1f, %.1f, %.1f, %.1f초.", en = "%.1f, %.1f, %.1f, %.1f, %.1f s." }, table.unpack(took))
local seconds = ({ blocking = 5, pool = 3 })[model] or 1
expect(took[1] < 2 and took[5] > seconds - 0.1 and took[5] < seconds + 0.9,
  { ko = "한 번에 하나면 5초, 둘이면 3초, 모두 함께면 1초", en = "5 s one at a time, 3 s two at a time, 1 s all at once" })
