-- Seen: the peer has left; epoll keeps saying "readable", recv returns 0: the loop spins, and CLOSE_WAIT stays.
title { ko = "잊어버린 EOF", en = "The forgotten end of file" }

local closes = param("closes", false) -- whether the server closes at the end of file
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local listener, wake_ups = server:listen(8080), 0
local _ <close> = server:spawn("loop", function()
  local conn, loop = listener:accept(), server:epoll()
  loop:add(conn)
  while true do
    loop:wait()
    wake_ups = wake_ups + 1
    local text, code = conn:recv()
    if text then conn:send(text) end
    if code == "closed" and closes then return conn:close() end
  end
end)

local conn = client:connect(server, 8080)
conn:send "hello\n"
conn:receive "line"
cue { ko = "클라이언트가 떠난다. 서버는 0.5초 동안 몇 번이나 깨어날까?",
  en = "The client leaves. How often will the server wake up in half a second?" }
conn:close()
sleep "500ms"
say({ ko = "%d번.", en = "%d times." }, wake_ups)
expect((wake_ups > 100) == not closes,
  { ko = "recv의 0은 끝이라는 뜻이다. 잊으면 헛돈다", en = "0 from recv means the end; who forgets it spins" })
expect(server:count "CLOSE_WAIT" == (closes and 0 or 1),
  { ko = "닫지 않은 소켓은 CLOSE_WAIT에 남는다", en = "a socket that is not closed stays in CLOSE_WAIT" })
