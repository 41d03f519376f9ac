-- Seen: socket, bind, listen and accept send nothing; connect, send and close do.
title { ko = "어떤 호출이 어떤 패킷을 보낼까?", en = "Which call sends which packet?" }

local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })

cue { ko = "서버: socket, bind, listen. 패킷은 몇 개?", en = "The server: socket, bind, listen. How many packets?" }
local listener = server:socket "tcp"
listener:bind(8080)
listener:listen(128)
expect(#packets() == 0, { ko = "하나도 없다", en = "not one" })

cue { ko = "클라이언트: connect", en = "The client: connect" }
local conn = client:socket "tcp"
conn:connect(server, 8080)
expect(#packets() == 3, { ko = "셋: SYN, SYN+ACK, ACK", en = "three: SYN, SYN+ACK, ACK" })
expect(conn:state() == "ESTABLISHED", { ko = "connect가 돌아오면 연결되어 있다", en = "connect returns, and is connected" })

cue { ko = "서버: accept", en = "The server: accept" }
local peer = listener:accept()
expect(#packets() == 3, { ko = "없다: 핸드셰이크는 커널이 이미 끝냈다", en = "none: the kernel has done the handshake already" })

cue { ko = "클라이언트: send", en = "The client: send" }
conn:send "hello\n"
peer:receive "line"
settle()
expect(#packets { from = client, data = true } == 1, { ko = "데이터 하나", en = "one with the data" })
expect(#packets { from = server, flags = "A" } == 1,
  { ko = "그리고 커널이 보내는 ACK 하나", en = "and an ACK, which the kernel sends" })

cue { ko = "close, close", en = "close, close" }
conn:close()
peer:receive "all"
peer:close()
settle()
expect(#packets { flags = "F" } == 2, { ko = "FIN 둘, 하나씩", en = "two FINs, one each" })
