-- Many connections, each sending a short message and waiting until it has come back.
title "Echo"
local rounds, connections = param("rounds", 100), param("connections", 50)
local server, client = host "server", host "client"
link(client, server, { delay = 0 })

server:listen(8080, function(conn)
  while true do
    local message = conn:recv(64)
    if not message then return end
    conn:send(message)
  end
end)

local message = bytes(64)
spawn("client", connections, function()
  local conn <close> = client:connect(server, 8080)
  for _ = 1, rounds do
    conn:send(message)
    conn:recv(64)
  end
end)
