-- A plain listener: connections wait in the kernel until accept takes them, in order, as many as the backlog allows.
local server, client = host "server", host "client"
local listener = server:listen(80, { backlog = 3 })
local waiting, limit = listener:queues()
expect(waiting == 0 and limit == 3, "empty")
expect(listener:state() == "LISTEN", "it listens")
expect(select(2, listener:local_address()) == 80, "on its port")

local conns = {}
for i = 1, 3 do conns[i] = client:connect(server, 80) end
expect(function() return listener:queues() == 3 end, "connected, and nobody has accepted")
for i = 1, 3 do
  local far = listener:accept()
  expect(select(2, far:peer_address()) == select(2, conns[i]:local_address()), "first come, first served")
end
expect(listener:queues() == 0, "empty again")

local again, code, sentence = server:listen(80)
expect(again == nil and code == "EADDRINUSE" and sentence:find "in use", "a port is taken once")
listener:close()
conns[1]:abort()
local refused
refused, code = client:connect(server, 80)
expect(refused == nil and code == "ECONNREFUSED", "closed: refused from now on")
expect(listener:state() == "CLOSE", "closed")

local port = select(2, server:listen(0):local_address())
expect(port >= 1024 and client:connect(server, port), "port 0: the kernel chooses")
