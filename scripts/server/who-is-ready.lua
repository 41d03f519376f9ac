-- Seen: poll and select name the one of three that has something to read; level says it again and again, edge once.
title { ko = "누가 준비되었나: poll, select, epoll", en = "Who is ready: poll, select, epoll" }

local trigger = param("trigger", "level", { "level", "edge" })
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local listener = server:listen(8080)
local near, far = {}, {}
for i = 1, 3 do
  near[i] = client:connect(server, 8080)
  far[i] = listener:accept()
end

cue { ko = "셋 중 둘째 연결로 4000바이트가 온다. poll은 누구를 가리킬까?",
  en = "4000 bytes come on the second of three connections. Whom will poll name?" }
far[2]:send(bytes(4000))
expect(client:poll(near, "2s")[1] == near[2], { ko = "poll: 둘째", en = "poll: the second" })
expect(client:select(near, "2s")[1] == near[2], { ko = "select: 역시 둘째", en = "select: the second, too" })

settle() -- until all 4000 are here: each segment that comes fires edge again
local loop = client:epoll { edge = trigger == "edge" }
for _, conn in ipairs(near) do loop:add(conn) end
expect(#loop:wait "1s" == 1, { ko = "epoll: 하나가 준비되었다", en = "epoll: one is ready" })

cue({ ko = "%s trigger. 1000바이트만 읽었다. 또 알려 줄까?",
  en = "%s-triggered, and only 1000 bytes are read. Will it be told again?" },
  trigger)
near[2]:recv(1000)
local again = #loop:wait "500ms"
expect(again == (trigger == "level" and 1 or 0),
  { ko = "level은 남아 있는 동안 계속, edge는 새로 올 때만",
    en = "level: as long as something is left; edge: only when something comes" })
