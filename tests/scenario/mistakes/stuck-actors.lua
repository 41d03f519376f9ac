-- The main chunk is over; an actor waits for ever.
-- Ends with status 2: reader waits in recv at stuck-actors.lua:6
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
spawn("reader", function() near:recv() end)
