-- Seen: the client is ESTABLISHED, the server is not: it dropped the last ACK, and sends its SYN+ACK again.
title { ko = "연결되었다, 누구 말로는?", en = "Connected? Says who?" }

local abort = param("abort_on_overflow", 0, { 0, 1 })
local server, client = host("server", { sysctl = { tcp_abort_on_overflow = abort } }), host "client"
link(client, server, { delay = "20ms" })
server:listen(8080, { backlog = 2 }) -- holds three, and nobody accepts
for _ = 1, 2 do client:connect(server, 8080) end

cue { ko = "자리는 하나인데 둘이 동시에 온다. 누구의 connect가 성공할까?",
  en = "There is one place left, and two come at once. Whose connect succeeds?" }
local late = client:spawn("late", 2, function() return client:connect(server, 8080) end):join()
expect(late[1] and late[2], { ko = "둘 다 성공했다", en = "both do" })

settle()
say({ ko = "ESTABLISHED: 클라이언트에 %d개, 서버에 %d개.", en = "ESTABLISHED: %d on the client, %d on the server." },
  client:count "ESTABLISHED", server:count "ESTABLISHED")
expect(server:count "ESTABLISHED" == 3, { ko = "서버가 아는 연결은 셋뿐이다", en = "the server knows of three" })
expect(client:count "ESTABLISHED" == 4 - abort, { ko = "RST가 와야 클라이언트도 안다", en = "only RST tells the client" })

local answer = abort == 1 and { from = server, flags = "R" } or { from = server, flags = "SA", note = "retransmission" }
expect(function() return #packets(answer) >= 2 - abort end, abort == 1
  and { ko = "tcp_abort_on_overflow=1: 바로 RST", en = "tcp_abort_on_overflow=1: RST at once" }
  or { ko = "서버는 SYN+ACK를 1초, 3초 뒤에 다시 보낸다", en = "the server sends its SYN+ACK again, after 1 s and 3 s" },
  { within = "10s" })
