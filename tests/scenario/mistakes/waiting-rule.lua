-- A function of a rule decides while the packet enters the wire: it cannot wait. Its rule ends, the scene goes on.
-- Ends with status 2: waiting-rule.lua:7: nothing may wait here
-- Checks: 2
local server, client = host "server", host "client"
local wire = link(client, server)
local listener = server:listen(80)
local rule = wire:drop { len = function() sleep "1ms" end }
expect(client:connect(server, 80), "connected all the same")
expect(rule.hits == 0, "it never acted")
