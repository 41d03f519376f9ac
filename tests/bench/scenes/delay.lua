-- One packet after another, each 20 ms on its way.
title "Delay"
local rounds = param("rounds", 50)
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })

server:listen(8080, function(conn)
  while conn:recv(64) do conn:send "pong" end
end)

local conn = client:connect(server, 8080)
for _ = 1, rounds do
  conn:send "ping"
  conn:recv(64)
end
