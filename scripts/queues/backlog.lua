-- Seen: listen(1) holds two connections that nobody has accepted; the others' SYNs get no answer.
title { ko = "하나 더: backlog", en = "The extra one: backlog" }

local backlog = param("backlog", 1, { 0, 1, 3, 128 })
local server, client = host "server", host "client"
local listener = server:listen(8080, { backlog = backlog }) -- and nobody accepts

say({ ko = "backlog %d: 몇 개가 연결될까?", en = "A backlog of %d: how many will be connected?" }, backlog)
local clients <close> = client:spawn("client", 5, function(i)
  sleep(i * 0.1) -- one after the other: five SYNs at once would all be answered, some of them with cookies
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
