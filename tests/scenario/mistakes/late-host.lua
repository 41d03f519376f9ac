-- The network stands at the first call that uses it: hosts come before.
-- Ends with status 2: late-host.lua:5: the network stands already: put host() above the first call that uses it
local server = host "server"
server:listen(80)
local client = host "client"
