-- Seen: after a restart bind fails with EADDRINUSE; SO_REUSEADDR helps only if the server before had it too.
title { ko = "Address already in use", en = "Address already in use" }

local before = param("before", false) -- whether the first server had SO_REUSEADDR
local after = param("after", false) -- and the second
local server, client = host "server", host "client"

local listener = server:listen(8080, { reuseaddr = before })
local conn = client:connect(server, 8080)
listener:accept():close() -- the server closes first
conn:receive "all"
conn:close()
local _, code = server:listen(8080, { reuseaddr = after })
expect(code == "EADDRINUSE", { ko = "살아 있는 서버의 포트는 누구도 얻지 못한다", en = "nobody gets the port of a living server" })

listener:close()
expect(function() return server:count "TIME_WAIT" == 1 end, { ko = "서버는 죽고 TIME_WAIT가 남았다", en = "the server is gone, its TIME_WAIT is left" })
cue({ ko = "다시 시작하면? SO_REUSEADDR: 전에는 %s, 지금은 %s", en = "Will it start again? SO_REUSEADDR: before %s, now %s" }, before, after)
listener, code = server:listen(8080, { reuseaddr = after })
say(listener and { ko = "다시 시작했다.", en = "It is back." } or { ko = "bind: %s", en = "bind: %s" }, code)
expect((listener ~= nil) == (before and after), { ko = "둘 다 있어야 한다", en = "it takes both" })
