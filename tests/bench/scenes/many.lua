-- Many connections to one server around epoll: all of them open, then a short message and its echo on each in turn, as
-- many rounds as wanted, then all of them close.
title "Thousands of connections"
local connections, rounds = param("connections", 5000), param("rounds", 1)
scene { time_limit = "100s" }
local server = host("server", { sysctl = { somaxconn = 8192, tcp_max_syn_backlog = 8192 } })
local client = host "client"
link(client, server, { delay = 0 })

server:listen(8080, { model = "epoll", backlog = 8192 }, function(conn)
  while true do
    local message = conn:recv(64)
    if not message then return end
    conn:send(message)
  end
end)

local message = bytes(64)
local actors <const> = 50
settle()
print "empty"
settle()
local opened = client:spawn("opens", actors, function()
  local conns = {}
  for i = 1, connections // actors do conns[i] = client:connect(server, 8080) end
  return conns
end):join()
settle()
print "open"
settle()

local echoed = client:spawn("speaks", actors, function(i)
  local count = 0
  for _ = 1, rounds do
    for _, conn in ipairs(opened[i]) do
      conn:send(message)
      if conn:recv(64) == message then count = count + 1 end
    end
  end
  return count
end):join()
local sum = 0
for _, count in ipairs(echoed) do sum = sum + count end
expect(sum == connections * rounds, "each message has its echo")
settle()
print "idle"
settle()

client:spawn("closes", actors, function(i)
  for _, conn in ipairs(opened[i]) do
    conn:close()
    sleep(0)
  end
end):join()
settle()
expect(server:count "ESTABLISHED" == 0 and server:count "CLOSE_WAIT" == 0, "all are closed")
