-- Seen: a connection is a number; the FIN goes when the last copy of it is closed; and numbers run out.
title { ko = "소켓은 파일이다", en = "A socket is a file" }

local server, client = host("server", { descriptors = 8 }), host "client"
link(client, server, { delay = "20ms" })
local listener = server:listen(8080)
local conn = client:connect(server, 8080)
local peer = listener:accept()
local number, copy = peer:fd(), peer:dup()
say({ ko = "리스너는 %d번, 연결은 %d번, 그 복사본은 %d번.", en = "The listener is %d, the connection %d, its copy %d." },
  listener:fd(), number, copy:fd())

cue { ko = "둘 중 하나를 닫는다. FIN이 갈까?", en = "One of the two is closed. Will there be a FIN?" }
peer:close()
expect(#packets { from = server, flags = "F" } == 0, { ko = "가지 않는다", en = "no" })
cue { ko = "마지막 하나를 닫으면?", en = "And when the last one is closed?" }
copy:close()
expect(#packets { from = server, flags = "F" } == 1, { ko = "이제 FIN이 간다", en = "now it goes" })

expect(server:socket("tcp"):fd() == number, { ko = "가장 작은 빈 번호를 다시 쓴다", en = "the lowest free number is used again" })
cue { ko = "계속 열면?", en = "And if one goes on opening?" }
local socket, code
repeat socket, code = server:socket "tcp" until not socket
expect(code == "EMFILE", { ko = "EMFILE: 열린 파일이 너무 많다", en = "EMFILE: too many open files" })
