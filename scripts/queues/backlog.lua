-- Seen: listen(1) holds two connections that nobody has accepted; the others' SYNs get no answer.
title { ko = "하나 더: backlog", en = "The extra one: backlog" }

local backlog = param("backlog", 1, { 0, 1, 3, 128 })
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local listener = server:listen(8080, { backlog = backlog }) -- and nobody accepts

cue({ ko = "backlog %d. 클라이언트 다섯이 차례로 connect하면 몇이 성공할까?",
  en = "A backlog of %d, and five clients, one after the other. How many will connect?" }, backlog)
local clients <close> = client:spawn("client", 5, function(i)
  sleep(i * 0.1) -- five SYNs at once would all be answered, some of them with cookies
  client:connect(server, 8080)
end)

local held = math.min(5, backlog + 1)
expect(function() return client:count "ESTABLISHED" == held end,
  { ko = "들어갈 만큼, 그리고 하나 더", en = "as many as fit, and one more" })
expect(function() return client:count "SYN_SENT" == 5 - held end,
  { ko = "나머지는 답을 받지 못한다", en = "the others have no answer" })
expect(function() return listener:queues() == held end,
  { ko = "accept 큐, ss가 보여 주는 그대로", en = "the accept queue, as ss shows it" })
expect(function() return server:counters().TcpExtListenOverflows >= 5 - held end,
  { ko = "커널이 센다: ListenOverflows", en = "and the kernel counts: ListenOverflows" })
