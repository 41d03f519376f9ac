-- Seen: TIME_WAIT stays with the one who closes first; with both, if both do.
title { ko = "TIME_WAIT는 누구에게?", en = "Who gets TIME_WAIT?" }

local first = param("first", "client", { "client", "server", "both" })
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local listener = server:listen(8080)
local near = client:connect(server, 8080)
local far = listener:accept()

say(({
  client = { ko = "클라이언트가 먼저 닫는다.", en = "The client closes first." },
  server = { ko = "서버가 먼저 닫는다.", en = "The server closes first." },
  both = { ko = "양쪽이 동시에 닫는다.", en = "Both close at once." },
})[first])
cue { ko = "누가 60초를 기다릴까?", en = "Who will wait for 60 seconds?" }
if first == "server" then near, far = far, near end
near:close()
if first ~= "both" then far:receive "all" end -- until the other's FIN is here
far:close()

settle()
local waits = { client = client:count "TIME_WAIT", server = server:count "TIME_WAIT" }
say({ ko = "TIME_WAIT: 클라이언트에 %d개, 서버에 %d개.", en = "TIME_WAIT: %d on the client, %d on the server." },
  waits.client, waits.server)
expect(waits.client == (first == "server" and 0 or 1) and waits.server == (first == "client" and 0 or 1),
  { ko = "먼저 닫은 쪽에 남는다", en = "it stays with the one who closed first" })
expect(#packets { flags = "F" } == 2, { ko = "FIN은 어느 쪽이나 하나씩 보냈다", en = "though each has sent one FIN" })
