-- As little as there can be before a packet.
title "The first packet"
local server, client = host "server", host "client"
client:connect(server, 8080)
