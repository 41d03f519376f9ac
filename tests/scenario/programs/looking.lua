-- Programs that look: ping, traceroute, tcpdump, ss. They agree with what the scene knows.
scene { needs = { "ping", "traceroute", "tcpdump", "ss" } }
local server, client, middle = host "server", host "client", router "middle"
link(client, middle, { delay = "5ms" })
link(middle, server, { delay = "5ms" })

local pong = client:run("ping", "-c", 2, "-i", "0.05", server)
expect(pong.status == 0 and pong.stdout:match "2 received, 0%% packet loss", "ping gets its answers")
local shortest = tonumber(pong.stdout:match "rtt [^=]+= ([%d.]+)/")
expect(shortest and shortest >= 20, "after 20 ms")

local route = client:run("traceroute", "-n", "-q", 1, "-w", 2, server)
local hops = {}
for line in route.stdout:gmatch "\n%s*%d+%s+(%S+)" do hops[#hops + 1] = line end
expect(#hops == 2 and hops[2] == server.address, "traceroute: through one router")

local dump = server:start("tcpdump", "-l", "-n", "-i", "eth0", "--immediate-mode", "tcp")
expect(function() return dump.stderr:match "listening on eth0" end, "tcpdump listens", { within = "10s" })
local listener = server:listen(80)
local conn = client:connect(server, 80)
local far = listener:accept()
conn:send(bytes(3000))
far:receive(3000)
settle()

-- As ss sees them, row by row.
local function rows(h)
  local found = {}
  for line in h:run("ss", "-tanH").stdout:gmatch "[^\n]+" do
    local state, recv_q, send_q, address, port, peer, peer_port = line:match "(%S+)%s+(%d+)%s+(%d+)%s+(%S+):(%S+)%s+(%S+):(%S+)"
    found[#found + 1] = ("%s %s %s %s:%s %s:%s"):format(state, recv_q, send_q, address, port, peer, peer_port:gsub("%*", "0"))
  end
  table.sort(found)
  return table.concat(found, "\n")
end
local names = { ESTABLISHED = "ESTAB" }
local function known(h)
  local found = {}
  for _, row in ipairs(h:sockets()) do
    found[#found + 1] = ("%s %d %d %s:%d %s:%d"):format(names[row.state] or row.state, row.recv_q, row.send_q, row.address,
      row.port, row.peer, row.peer_port)
  end
  table.sort(found)
  return table.concat(found, "\n")
end
expect(rows(server) == known(server) and rows(client) == known(client), "ss says the same")

dump:stop()
local seen = dump:wait("5s")
local _, lines = seen.stdout:gsub("IP [^\n]+\n", "")
local passed = #packets { from = client, conn = conn } + #packets { from = server, conn = conn }
expect(lines > 3 and lines == passed // 2, "tcpdump has seen each packet that the scene has, once a wire")
