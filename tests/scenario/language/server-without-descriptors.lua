-- A server whose host has no descriptor left: the next connection stays in the queue until one is closed, whatever the model.
local client = host "client"
local servers = {}
for _, model in ipairs { "blocking", "threads", "pool", "select", "poll", "epoll" } do
  servers[model] = host(model, { descriptors = model == "epoll" and 6 or 5 }) -- 0 to 2, the listener, one connection
end
for model, server in pairs(servers) do
  local listener = server:listen(80, { model = model, workers = model == "pool" and 3 or nil }, function(conn)
    local line = conn:receive "line"
    conn:send(line .. "\n")
    conn:receive "all"
  end)
  local first, second = client:connect(server, 80), client:connect(server, 80)
  first:send "one\n"
  second:send "two\n"
  expect(first:receive "line" == "one", model)
  expect(function() return listener:queues() == 1 end, "the other waits in the queue")
  second:timeout "50ms"
  expect(select(2, second:receive "line") == "timeout", "and is told nothing")
  first:close()
  second:timeout "2s"
  expect(second:receive "line" == "two", "until there is room")
  second:close()
end
