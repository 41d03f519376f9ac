-- RST: by abort(), by closing with bytes unread, and in answer to what comes for a connection that is gone.
title "Broken off"
local server, client = host "server", host "client"
cue "Before the first packet."

local listener = server:listen(8080)
local near = client:connect(server, 8080)
local far = listener:accept()
near:send "lost"
near:abort()
local text, code = far:receive "all"
expect(text == nil and code == "ECONNRESET", "abort() is seen as a reset")
far:close()

near = client:connect(server, 8080)
far = listener:accept()
near:send "unread"
expect(function() return far:queues() == 6 end, "it has arrived")
far:close()
expect(function() return near:state() == "CLOSE" end, "closing over unread bytes is a reset")

near = client:connect(server, 8080)
far = listener:accept()
far:close()
expect(near:receive "all" == "", "the FIN")
expect(near:send "too late" == 8, "taken, for the far end is only half closed as far as this one knows")
settle()
expect(packets.count { flags = "R" } >= 3, "three resets")
cue "After the last packet."
