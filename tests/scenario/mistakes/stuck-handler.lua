-- A handler that cannot get rid of its bytes keeps the scene, and is named when the time is over.
-- Ends with status 1: the scene's time_limit of 0.3 s is over: server/1 waits in send at stuck-handler.lua:5
scene { time_limit = "300ms" }
local server, client = host "server", host "client"
server:listen(80, function(conn) conn:send(bytes "32MiB") end)
local conn = client:connect(server, 80)
