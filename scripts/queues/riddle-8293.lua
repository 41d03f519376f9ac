-- Seen: a pool of workers, a full accept queue, and one more: that many are connected, and not one else.
title { ko = "8192와 100을 허락했더니 8293이 성공했다", en = "8192 and 100 were allowed, 8293 succeeded" }

local backlog, workers = param("backlog", 192), param("workers", 100) -- the riddle itself: --set backlog=8192
local client = host "client"
local server = host("server", { sysctl = { somaxconn = 65535, tcp_max_syn_backlog = 65535 } })
local _ <close> = server:watch { every = "500ms" }
server:listen(8080, { model = "pool", workers = workers, backlog = backlog }, function(conn) conn:receive "line" end)

local count = backlog + workers + 100
cue({ ko = "작업자 %d, backlog %d, 클라이언트 %d. 몇이 연결될까? (--view states로 보자)",
  en = "%d workers, a backlog of %d, %d clients. How many will connect? (best with --view states)" },
  workers, backlog, count)
local clients <close> = client:spawn("client", count, function(i)
  sleep(i * 0.0005)
  client:connect(server, 8080)
end)
expect(function() return server:count "ESTABLISHED" == workers + backlog + 1 end,
  { ko = "작업자마다 하나, 큐에 backlog, 그리고 하나 더", en = "one for each worker, the backlog, and one more" }, { within = "60s" })
sleep "1.5s" -- the others try again
say({ ko = "서버에 ESTABLISHED %d개.", en = "%d ESTABLISHED on the server." }, server:count "ESTABLISHED")
expect(server:count "ESTABLISHED" == workers + backlog + 1,
  { ko = "다시 시도해도 그대로다", en = "and trying again changes nothing" })
