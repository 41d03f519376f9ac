-- Seen: TIME_WAIT stays with the one who closes first; with both, when both do.
title { ko = "TIME_WAIT는 누구에게?", en = "Who gets TIME_WAIT?" }

local first = param("first", "client", { "client", "server", "both" })
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local listener = server:listen(8080)
local near = client:connect(server, 8080)
local far = listener:accept()

cue({ ko = "%s가 먼저 닫는다. 누가 60초를 기다릴까?", en = "%s closes first. Who will wait for 60 seconds?" }, first)
if first == "server" then near, far = far, near end
near:close()
if first ~= "both" then far:receive "all" end -- waits for the other's FIN
far:close()

settle()
expect(client:count "TIME_WAIT" == (first == "server" and 0 or 1), { ko = "클라이언트는 먼저 닫았을 때만", en = "the client, if it was first" })
expect(server:count "TIME_WAIT" == (first == "client" and 0 or 1), { ko = "서버도 먼저 닫았을 때만", en = "the server, if it was first" })
expect(#packets { flags = "F" } == 2, { ko = "FIN은 어느 쪽이나 하나씩 보냈다", en = "each has sent one FIN" })
