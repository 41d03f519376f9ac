-- A filter must not wait.
-- Ends with status 2: waiting-filter.lua:6: nothing may wait here
local server, client = host "server", host "client"
server:listen(80)
client:connect(server, 80)
local hits = packets { len = function() sleep(1) end }
