-- epoll: what is ready, level or edge triggered, once or again and again; errors are the kernel's.
local server, client = host "server", host "client"
local listener = server:listen(80)
local near, far = {}, {}
for i = 1, 3 do
  near[i], far[i] = client:connect(server, 80), listener:accept()
end

local level, edge, once = server:epoll(), server:epoll { edge = true }, server:epoll { oneshot = true }
expect(level:fd() == 7 and tostring(level) == "epoll 7 of server", "a descriptor like others")
expect(level:add(listener) and level:add(far[1]) and level:add(far[2], "both"), "listeners may be in it")
expect(edge:add(far[1]) and once:add(far[1]), "one socket in several")
local ready = level:wait(0)
expect(#ready == 1 and ready[far[2]] == "write", "room to write is there at once")
expect(level:modify(far[2], "read") and #level:wait(0) == 0, "no longer asked for")
local began = now()
expect(#level:wait "20ms" == 0 and now() - began >= 0.02, "nothing until time is out")

near[1]:send(bytes(100))
expect(level:wait("5s")[far[1]] == "read", "it waits")
expect(#edge:wait(0) == 1 and #once:wait(0) == 1, "all of them know")
far[1]:recv(10)
expect(#level:wait(0) == 1 and #level:wait() == 1, "level: as long as something is there")
expect(#edge:wait(0) == 0, "edge: said once")
expect(#once:wait(0) == 0, "oneshot: said once")
near[1]:send "more"
settle()
expect(#edge:wait(0) == 1, "edge: again when more comes")
expect(#once:wait(0) == 0, "oneshot: never")
expect(once:modify(far[1]) and #once:wait(0) == 1, "until it is asked for anew")
far[1]:receive(94)
expect(#level:wait(0) == 0, "nothing left")

near[3]:send "3"
near[2]:send "2"
settle()
level:add(far[3])
ready = level:wait()
expect(#ready == 2 and ready[1] == far[2] and ready[2] == far[3], "in the order in which the kernel found them ready")
expect(level:remove(far[2]), "taken out")
expect(#level:wait(0) == 1, "it is not told any more")

local _, code, sentence = level:add(far[3])
expect(code == "EEXIST" and sentence:find "it is in this epoll already", "twice")
_, code, sentence = level:modify(far[2])
expect(code == "ENOENT" and sentence:find "it is not in this epoll", "not in it")
_, code = level:remove(far[2])
expect(code == "ENOENT", "still not")

-- Another actor adds to an epoll that somebody waits for.
local result
local waits = server:spawn("waits", function() result = once:wait "5s" end)
sleep "5ms"
once:add(far[2])
waits:join()
expect(result[1] == far[2], "it is told")
waits = server:spawn("waits", function() return select(2, edge:wait "5s") end)
sleep "5ms"
edge:close()
expect(waits:join() == "EBADF", "closed under who waits for it")
do
  local short <close> = server:epoll()
  expect(short:fd() == 8, "the lowest free number")
end
expect(server:epoll():fd() == 8, "<close> gives it back")

local function refuses(text, ...)
  local ok, why = pcall(...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("this epoll was closed before", edge.wait, edge)
refuses("this epoll was closed before", edge.add, edge, far[1])
refuses("a connection or listener expected, got number", level.add, level, 3)
refuses("add: a connection of client cannot be in an epoll of server", level.add, level, near[1])
refuses("add takes \"read\", \"write\" or \"both\", not \"all\"", level.add, level, far[2], "all")
refuses("modify takes \"read\", \"write\" or \"both\", not \"table\"", level.modify, level, far[3], {})
refuses("epoll: unknown option \"egde\"; it takes edge, oneshot", server.epoll, server, { egde = true })
refuses("epoll: edge is a boolean, not string", server.epoll, server, { edge = "yes" })
refuses("an epoll has no `poll`", function() return level.poll end)
refuses("an epoll expected, got string", level.wait, "level")
far[2]:close()
refuses("this connection was closed before", level.remove, level, far[2])
