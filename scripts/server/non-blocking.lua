-- Seen: the same recv sleeps for a second, or says EAGAIN at once, again and again.
title { ko = "블로킹과 논블로킹", en = "Blocking and non-blocking" }

local pause = param("pause", "100ms") -- between two tries; 0s spins
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
server:listen(8080, function(conn)
  for _ in conn:lines() do
    sleep "1s"
    conn:send "done\n"
  end
end)
local conn = client:connect(server, 8080)

cue { ko = "블로킹 소켓: 답이 1초 뒤에 온다. recv는?", en = "A blocking socket, and the answer takes a second. What does recv do?" }
conn:send "work\n"
local began = now()
expect(conn:recv() == "done\n" and now() - began > 0.9,
  { ko = "호출 한 번, 1초 동안 잠들었다", en = "one call, asleep for a second" })

cue { ko = "논블로킹 소켓: 같은 recv는?", en = "A non-blocking socket: what does the same recv do?" }
conn:nonblocking(true)
conn:send "work\n"
local text, code, last
local tries = 0
began = now()
repeat
  text, code = conn:recv()
  tries, last = tries + 1, code or last
  if not text then sleep(pause) end
until text
expect(last == "EAGAIN", { ko = "EAGAIN: 지금은 없다, 다시 오라", en = "EAGAIN: nothing now, try again" })
say({ ko = "recv를 %d번 불렀고, 그 사이에 다른 일을 할 수 있었다.",
  en = "%d calls of recv, and time for other work between them." }, tries)
expect(tries > 3 and text == "done\n" and now() - began > 0.9,
  { ko = "답은 여전히 1초 뒤에 온다", en = "the answer still takes its second" })
