-- poll and select: a list of what is ready, in the order in which it was asked for, and what each is ready for.
local server, client = host "server", host "client"
local listener = server:listen(80)
local near, far = {}, {}
for i = 1, 3 do
  near[i], far[i] = client:connect(server, 80), listener:accept()
end

for _, poll in ipairs { server.poll, server.select } do
  expect(#poll(server, far, 0) == 0, "nothing yet, and no time")
  local began = now()
  expect(#poll(server, far, "20ms") == 0 and now() - began >= 0.02, "nothing until time is out")
  expect(#poll(server, {}, "5ms") == 0, "an empty list is a pause")
  near[3]:send "c"
  near[1]:send "a"
  settle()
  local ready = poll(server, far)
  expect(#ready == 2 and ready[1] == far[1] and ready[2] == far[3], "in order of the list, not of what came first")
  expect(ready[far[1]] == "read" and ready[far[3]] == "read" and ready[far[2]] == nil, "by socket")
  ready = poll(server, { far[2], write = { far[2], far[1] } })
  expect(#ready == 2 and ready[1] == far[2], "one in both lists comes once")
  expect(ready[far[2]] == "write" and ready[far[1]] == "write", "only what was asked for")
  expect(poll(server, { far[1], write = { far[1] } })[far[1]] == "read+write", "both, joined by +")
  far[1]:recv()
  far[3]:recv()

  spawn("late", function()
    sleep "20ms"
    near[2]:send "b"
  end)
  began = now()
  ready = poll(server, far, "5s")
  expect(#ready == 1 and ready[1] == far[2] and now() - began >= 0.02, "it waits for the first")
  far[2]:recv()
end

spawn("newcomer", function() near[4] = client:connect(server, 80) end)
local ready = server:poll({ far[1], listener }, "5s")
expect(#ready == 1 and ready[listener] == "read", "a listener: somebody is there")
far[4] = listener:accept()

near[1]:close()
ready = server:poll({ far[1] }, "5s")
expect(ready[far[1]] == "read", "FIN is something to read")
expect(select(2, far[1]:recv()) == "closed", "namely the end")
far[1]:shutdown "send"
expect(function() return far[1]:state() == "CLOSE" end, "both directions are over")
expect(server:poll({ far[1] })[far[1]] == "read+hangup", "which poll calls a hang-up")
expect(server:select({ far[1] })[far[1]] == "read", "and select cannot")
near[2]:abort()
expect(function() return far[2]:state() == "CLOSE" end, "reset")
expect(server:poll({ far[2] })[far[2]] == "read+hangup+error", "an error, which nobody has to ask for")
expect(server:poll({ write = { far[2] } })[far[2]] == "write+hangup+error", "on either side")

-- A full connection can be written again when the peer has read.
far[3]:nonblocking(true)
local taken = 0
repeat
  local sent, _, _, part = far[3]:send(bytes "64KiB")
  taken = taken + (sent or part)
until not sent
expect(#server:poll({ write = { far[3] } }, 0) == 0, "full")
spawn("reader", function() near[3]:receive(taken) end)
expect(server:poll({ write = { far[3] } }, "5s")[far[3]] == "write", "room again")

-- Who closes a socket does not wake who waits for it.
local result
local waits = server:spawn("waits", function() result = server:poll({ far[4], listener }, "5s") end)
sleep "5ms"
far[4]:close()
sleep "5ms"
expect(result == nil, "it waits on")
client:connect(server, 80)
waits:join()
expect(#result == 1 and result[1] == listener, "for the other one")

local function refuses(text, ...)
  local ok, why = pcall(...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("poll takes a table, { a, b, write = { c } }, not userdata", server.poll, server, far[1])
refuses("select takes a table, { a, b, write = { c } }, not nil", server.select, server)
refuses("poll: unknown field \"wirte\"; there is a list of those to read, and write = { … }", server.poll, server, { wirte = {} })
refuses("poll: write is a table, { c }, not userdata", server.poll, server, { write = far[3] })
refuses("poll: number 1 of the list is nil", server.poll, server, { nil, far[3] })
refuses("a connection or listener expected, got string", server.poll, server, { "far" })
refuses("this connection was closed before", server.poll, server, { far[4] })
refuses("poll: a connection of client cannot be waited for on server", server.poll, server, { near[3] })
refuses("a time is seconds or \"200ms\", not table", server.poll, server, { far[3] }, {})
