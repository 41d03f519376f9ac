-- A function of a rule makes no socket calls: the packet that it is asked about is just entering the wire.
-- Ends with status 2: calling-rule.lua:7: a function that decides about a packet can make no socket calls
-- Checks: 1
local server, client = host "server", host "client"
local wire = link(client, server)
local listener = server:listen(80)
local rule = wire:drop { len = function() local conn = client:connect(server, 81) return conn end }
expect(client:connect(server, 80), "connected all the same")
