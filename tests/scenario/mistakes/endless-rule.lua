-- A function of a rule that computes without an end is stopped; the actor whose packet it was about goes on.
-- Ends with status 2: endless-rule.lua:7: computed for more than 2 s without waiting
-- Checks: 1
local server, client = host "server", host "client"
local wire = link(client, server)
local listener = server:listen(80)
local rule = wire:drop { len = function() while true do end end }
expect(client:connect(server, 80), "connected all the same")
