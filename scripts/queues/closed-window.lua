-- Seen: nobody reads, and send takes bytes until two buffers are full; then the window is 0, until somebody reads.
title { ko = "버퍼 둘과 닫힌 윈도우", en = "Two buffers and a closed window" }

local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local listener = server:listen(8080, { rcvbuf = "4KiB" }) -- small, so that all of it can be seen
local near = client:connect(server, 8080, { sndbuf = "4KiB" })
local far = listener:accept()

cue { ko = "받는 쪽은 읽지 않는다. send는 몇 바이트나 받아 줄까?", en = "The receiver does not read. How many bytes will send take?" }
near:nonblocking(true)
local taken = 0
repeat
  local count, code = near:send(bytes(100000)) -- what fits; EAGAIN when nothing does
  taken = taken + (count or 0)
  settle()
until code == "EAGAIN"
local waiting, sending = far:queues(), select(2, near:queues())
say({ ko = "send가 받은 %d바이트: 받는 쪽 Recv-Q에 %d, 보내는 쪽 Send-Q에 %d.",
  en = "Of %d bytes taken, %d are in the receiver's Recv-Q and %d in the sender's Send-Q." }, taken, waiting, sending)
expect(waiting > 0 and sending > 0 and waiting + sending == taken,
  { ko = "한 바이트도 빠짐없이 두 버퍼에 있다", en = "every byte is in one of two buffers" })
expect(#packets { from = server, note = "zero window" } > 0,
  { ko = "받는 쪽이 윈도우 0을 알렸다", en = "the receiver has announced a window of 0" })
expect(function() return #packets { from = client, note = "window probe" } > 0 end,
  { ko = "보내는 쪽은 가끔 물어본다: window probe", en = "the sender asks now and then: a window probe" }, { within = "5s" })

cue { ko = "이제 읽으면?", en = "And when somebody reads?" }
far:receive(taken)
expect(#packets { from = server, note = "window update" } > 0, { ko = "윈도우가 다시 열렸다", en = "the window is open again" })
expect(near:send "more" == 4, { ko = "send도 다시 받아 준다", en = "and send takes bytes again" })
