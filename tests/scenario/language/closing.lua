-- close: once is enough, twice does no harm; <close> closes at the end of a block, and what waits in it is told.
local server, client = host "server", host "client"
local listener = server:listen(80)
do
  local near <close> = client:connect(server, 80)
  near:send "x"
end
local far = listener:accept()
expect(far:receive "all" == "x", "closed at the end of the block")
far:close()
far:close()
for _, method in ipairs { "send", "recv", "receive", "queues", "info", "fd", "timeout", "abort", "accept" } do
  local ok, why = pcall(far[method], far, "line")
  expect(not ok and why:find("this connection was closed before", 1, true), method)
end
expect(function() return far:state() == "CLOSE" end, "state() of a closed one is still the kernel's")

local near = client:connect(server, 80)
far = listener:accept()
local reader = spawn("reader", function() return select(2, far:recv()) end)
sleep "5ms"
far:close()
expect(reader:join() == "EBADF", "who waits in it is told that another actor closed it")

local acceptor = spawn("acceptor", function() return select(2, listener:accept()) end)
sleep "5ms"
listener:close()
expect(acceptor:join() == "EBADF", "in accept too")
expect(tostring(far):find("closed", 1, true), "its text says so")
