-- Seen: after a restart bind says EADDRINUSE; SO_REUSEADDR helps only if the server before had it too.
title { ko = "Address already in use", en = "Address already in use" }

local before = param("before", false) -- whether the first server had SO_REUSEADDR
local after = param("after", false) -- and the second
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local listener = server:listen(8080, { reuseaddr = before or nil })
local conn = client:connect(server, 8080)
local peer = listener:accept()
local _, code = server:listen(8080, { reuseaddr = after or nil })
expect(code == "EADDRINUSE", { ko = "살아 있는 서버의 포트는 아무도 얻지 못한다", en = "nobody gets the port of a living server" })

cue({ ko = "서버가 죽고 다시 시작한다. SO_REUSEADDR: 전에는 %s, 이번에는 %s. 될까?",
  en = "The server ends, and starts again. SO_REUSEADDR: %s before, %s now. Will it work?" }, before, after)
peer:close() -- the server closes first
conn:receive "all"
conn:close()
listener:close()
expect(function() return server:count "TIME_WAIT" == 1 end,
  { ko = "서버는 없고, TIME_WAIT만 남았다", en = "the server is gone, its TIME_WAIT is left" })
listener, code = server:listen(8080, { reuseaddr = after or nil })
say(listener and { ko = "된다.", en = "It does." } or { ko = "bind: EADDRINUSE", en = "bind: EADDRINUSE" })
expect((listener or code == "EADDRINUSE") and (listener ~= nil) == (before and after),
  { ko = "둘 다 있어야 한다", en = "it takes both" })
