-- Seen: FIN_WAIT2 goes away by itself; CLOSE_WAIT stays for ever: somebody forgot to close.
title { ko = "CLOSE_WAIT는 당신의 버그다", en = "CLOSE_WAIT is your bug" }

local fin_timeout = param("fin_timeout", 2) -- seconds; the kernel's own is 60
local server, client = host "server", host("client", { sysctl = { tcp_fin_timeout = fin_timeout } })
link(client, server, { delay = "20ms" })
local listener = server:listen(8080)
local near = client:connect(server, 8080)
local far = listener:accept()

near:close() -- and the server does not
expect(function() return client:count "FIN_WAIT2" == 1 and server:count "CLOSE_WAIT" == 1 end,
  { ko = "클라이언트는 FIN_WAIT2, 서버는 CLOSE_WAIT", en = "the client is in FIN_WAIT2, the server in CLOSE_WAIT" })

cue({ ko = "서버가 close를 잊었다. %d초 뒤에는?", en = "The server forgets to close. And after %d seconds?" }, fin_timeout)
expect(function() return client:count "FIN_WAIT2" == 0 end,
  { ko = "커널이 FIN_WAIT2를 치웠다", en = "the kernel has removed FIN_WAIT2" }, { within = 2 * fin_timeout + 5 })
expect(server:count "CLOSE_WAIT" == 1,
  { ko = "CLOSE_WAIT는 그대로다: 아무도 치우지 않는다", en = "CLOSE_WAIT is still there: nobody removes it" })

cue { ko = "서버가 이제 와서 쓰면?", en = "What if the server writes now?" }
expect(far:send "late\n" == 5, { ko = "첫 send는 성공한 것처럼 보인다", en = "the first send seems to succeed" })
expect(function() return #packets { from = client, flags = "R", fate = "delivered" } == 1 end,
  { ko = "대답은 RST", en = "the answer is RST" })
expect(select(2, far:send "later\n") == "EPIPE", { ko = "둘째 send: EPIPE", en = "the second send: EPIPE" })
