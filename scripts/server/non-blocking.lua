-- Seen: the same recv sleeps for a second, or says EAGAIN at once, again and again.
title { ko = "블로킹과 논블로킹", en = "Blocking and non-blocking" }

local pause = param("pause", "100ms") -- between two tries; 0 spins
local server, client = host "server", host "client"
server:listen(8080, function(conn)
  for _ in conn:lines() do
    sleep "1s"
    conn:send "done\n"
  end
end)
local conn = client:connect(server, 8080)

say { ko = "블로킹 소켓: recv는 답이 올 때까지 돌아오지 않는다.", en = "A blocking socket: recv does not return before the answer is there." }
conn:send "work\n"
local began = now()
expect(conn:recv() == "done\n" and now() - began > 0.9, { ko = "호출 한 번, 1초 동안 잠들었다", en = "one call, asleep for a second" })

cue { ko = "논블로킹으로 바꾸면 같은 recv는 무엇을 돌려줄까?", en = "And the same recv on a non-blocking socket?" }
conn:nonblocking(true)
conn:send "work\n"
local tries, text, code, last = 0, nil, nil, nil
began = now()
repeat
  text, code = conn:recv()
  tries, last = tries + 1, code or last
  if not text then sleep(pause) end
until text
expect(last == "EAGAIN", { ko = "EAGAIN: 지금은 없다, 다시 오라", en = "EAGAIN: nothing now, try again" })
say({ ko = "recv를 %d번 불렀다. 그 사이에 다른 일을 할 수 있었다.", en = "%d calls of recv, and time for other work between them." }, tries)
expect(tries > 3 and text == "done\n" and now() - began > 0.9, { ko = "답은 여전히 1초 뒤에 왔다", en = "the answer still took its second" })
