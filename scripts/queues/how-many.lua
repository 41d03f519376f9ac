-- Seen: of twelve clients four are served, five wait in the accept queue, three get no answer: three numbers, not one.
title { ko = "연결은 모두 몇 개인가?", en = "How many connections are there?" }

local workers, backlog = param("workers", 4), param("backlog", 4)
local client, server = host "client", host "server"
local served = 0
local listener = server:listen(8080, { model = "pool", workers = workers, backlog = backlog }, function(conn)
  served = served + 1
  conn:receive "line"
  sleep "1s"
  conn:send "done\n"
end)

cue({ ko = "작업자 %d, backlog %d, 클라이언트 12. 서버에 연결은 몇 개일까?",
  en = "%d workers, a backlog of %d, twelve clients. How many connections has the server?" }, workers, backlog)
local _ <close> = server:watch { every = "250ms" }
local began = now()
local clients = client:spawn("client", 12, function(i)
  sleep(i * 0.04) -- one handshake is over before the next begins
  local conn <close> = client:connect(server, 8080)
  conn:send "work\n"
  return conn:receive "line" and now() - began
end)
sleep "700ms"
local queued, established, unanswered = listener:queues(), server:count "ESTABLISHED", client:count "SYN_SENT"
say({ ko = "처리 중 %d, accept 큐에 %d, 답을 못 받은 SYN %d.",
  en = "%d are served, %d wait in the accept queue, %d SYNs have no answer." },
  served, queued, unanswered)
expect(queued == math.min(12 - workers, backlog + 1) and unanswered == 12 - workers - queued,
  { ko = "작업자 수, backlog+1, 그리고 나머지", en = "as many as there are workers; backlog + 1; and the rest" })
expect(established == served + queued,
  { ko = "ESTABLISHED는 처리 중인 것과 기다리는 것을 구별하지 않는다", en = "ESTABLISHED does not tell who is served from who waits" })

cue { ko = "모두 끝나려면 몇 초 걸릴까?", en = "And how long until all are served?" }
local took = clients:join()
table.sort(took)
say({ ko = "빠른 순서로 %.0f초 … %.0f초 … %.0f초.", en = "In order: %.0f s … %.0f s … %.0f s." }, took[1], took[6], took[12])
expect(took[12] > 12 / workers * 0.9,
  { ko = "한 번에 작업자 수만큼, 계단처럼", en = "as many at a time as there are workers: a staircase" })
