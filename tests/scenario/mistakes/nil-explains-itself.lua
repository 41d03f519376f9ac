-- A nil that came from a failed call explains itself where it is used.
-- Ends with status 2: nothing came back because of line 5: connect to server:80 said ECONNREFUSED, connection refused
-- Checks: 0
local server, client = host "server", host "client"
local conn = client:connect(server, 80)
conn:send "x"
