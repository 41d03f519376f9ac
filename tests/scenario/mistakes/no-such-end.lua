-- A direction of a wire begins at a host that is at it.
-- Ends with status 2: no-such-end.lua:5: other is not at the wire client-server
local server, client, other = host "server", host "client", host "other"
local wire = link(client, server)
wire:from(other):cut()
