-- Seen: the kernel connects client 2 and acknowledges its bytes before any program accepts it: Recv-Q 7.
title { ko = "hello2는 기다린다. 정말?", en = "hello2 waits. Or does it?" }

local first, server, second = host "first", host "server", host "second"
server:listen(8080, { model = "blocking" }, function(conn)
  local line = conn:receive "line"
  if line then conn:send("hello, " .. line .. "\n") end
end)

say { ko = "클라이언트 1은 연결만 하고 말이 없다. 서버는 그 말을 기다린다.",
  en = "Client 1 connects and says nothing. The server waits for it to speak." }
local a = first:connect(server, 8080)
cue { ko = "클라이언트 2가 connect하고 send한다. 어디에서 막힐까?",
  en = "Client 2 calls connect, and send. Where will it be stuck?" }
local b = second:connect(server, 8080)
b:send "hello2\n"
expect(b:state() == "ESTABLISHED", { ko = "막히지 않는다: 연결되었고 보냈다", en = "nowhere: it is connected, and has sent" })
settle()
expect(#server:sockets { conn = b, state = "ESTABLISHED", recv_q = 7 } == 1,
  { ko = "아무도 accept하지 않은 연결의 Recv-Q에 7바이트", en = "nobody has accepted it, and 7 bytes are in its Recv-Q" })
expect(select(2, b:queues()) == 0, { ko = "커널이 ACK도 보냈다", en = "the kernel has even acknowledged them" })

cue { ko = "클라이언트 1이 떠나면?", en = "And when client 1 leaves?" }
a:close()
expect(b:receive "line" == "hello, hello2",
  { ko = "서버가 이제야 accept하고 읽는다", en = "only now the server accepts, and reads" })
b:close()
