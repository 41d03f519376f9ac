-- Server models: the same handler, whoever runs it.
local server, client = host "server", host "client"
local port = 8000

local function serve(model, handler, workers)
  port = port + 1
  return server:listen(port, { model = model, workers = workers }, handler)
end

local function shout(conn)
  for line in conn:lines() do conn:send(line:upper() .. "\n") end
end

local models <const> = { "blocking", "threads", "pool", "select", "poll", "epoll" }
for _, model in ipairs(models) do
  serve(model, shout, model == "pool" and 3 or nil)
  for i = 1, 3 do
    local conn <close> = client:connect(server, port)
    conn:send "a\nb"
    expect(conn:receive "line" == "A", model .. ": a line")
    conn:send "c\n"
    expect(conn:receive "line" == "BC", model .. ": one that came in two parts")
    conn:shutdown "send"
    expect(conn:receive "all" == "", model .. ": closed when its handler has ended")
  end
end

-- What does not fit into the buffers is sent when there is room.
for _, model in ipairs(models) do
  serve(model, function(conn)
    local text = bytes(400000)
    expect(conn:send(text) == #text, model .. ": all of it")
  end)
  local conn <close> = client:connect(server, port)
  expect(#conn:receive "all" == 400000, model .. ": and it arrives")
end

-- Limits of a connection, a sleep, and who else is served meanwhile.
for _, model in ipairs(models) do
  serve(model, function(conn)
    conn:timeout "20ms"
    local line, code = conn:receive "line"
    sleep "10ms"
    conn:send((line or code) .. "\n")
  end)
  local silent, quick <close> = client:connect(server, port), client:connect(server, port)
  quick:send "quick\n"
  expect(quick:receive "line" == "quick", model .. ": answered after a sleep")
  expect(silent:receive "line" == "timeout", model .. ": its limit is over")
end

-- A handler that closes, one that aborts, one whose peer resets.
for _, model in ipairs(models) do
  local codes = {}
  serve(model, function(conn)
    local line, code = conn:receive "line"
    codes[#codes + 1] = line or code
    if line == "close" then conn:close() elseif line == "abort" then conn:abort() end
  end)
  local closing, aborting, resetting = client:connect(server, port), client:connect(server, port), client:connect(server, port)
  closing:send "close\n"
  expect(closing:receive "all" == "", model .. ": closed by hand")
  aborting:send "abort\n"
  expect(select(2, aborting:receive "line") == "ECONNRESET", model .. ": reset by hand")
  resetting:abort()
  expect(function() return codes[3] == "ECONNRESET" end, model .. ": reset by its peer")
end

-- An event loop serves all of them at once, the others as many as they have workers.
local most <const> = { blocking = 1, pool = 2, threads = 4, select = 4, poll = 4, epoll = 4 }
for _, model in ipairs(models) do
  local inside, peak = 0, 0
  serve(model, function(conn)
    conn:recv()
    inside = inside + 1
    peak = math.max(peak, inside)
    sleep "30ms"
    inside = inside - 1
  end, model == "pool" and 2 or nil)
  client:spawn("client", 4, function()
    local conn <close> = client:connect(server, port)
    conn:send "x"
    conn:receive "all"
  end):join()
  expect(peak == most[model], model .. ": " .. most[model] .. " at once")
end

-- A loop gives back control for its own sockets only; a handler may wait for two of them by two actors, and for time.
for _, model in ipairs { "select", "poll", "epoll" } do
  local first
  serve(model, function(conn)
    if not first then
      first = conn
      sleep "20ms"
      conn:send "first\n"
      conn:receive "line"
    else
      expect(conn:receive "line" == "hello" and first:send "second\n" == 7, model .. ": a handler speaks to another's peer")
    end
  end)
  local a, b <close> = client:connect(server, port), client:connect(server, port)
  b:send "hello\n"
  expect(a:receive "line" == "second" and a:receive "line" == "first", model .. ": in order of what came true")
end

-- A listener that is closed takes no more; the others go on.
for _, model in ipairs { "select", "poll", "epoll" } do
  local listener = serve(model, shout)
  local conn <close> = client:connect(server, port)
  conn:send "first\n"
  conn:receive "line"
  listener:close()
  expect(select(2, client:connect(server, port)) == "ECONNREFUSED", model .. ": no more")
  conn:send "still\n"
  expect(conn:receive "line" == "STILL", model .. ": those who are there")
end

local function refuses(text, ...)
  local ok, why = pcall(...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("listen: unknown model \"forking\"; there is blocking, epoll, poll, pool, select, threads", server.listen, server, 1, { model = "forking" }, shout)
refuses("listen: model \"epoll\" needs a handler", server.listen, server, 1, { model = "epoll" })
refuses("listen: workers goes with model = \"pool\"", server.listen, server, 1, { workers = 3 }, shout)
refuses("listen: workers is a whole number from 1 to 10000, not 0", server.listen, server, 1, { model = "pool", workers = 0 }, shout)
refuses("listen: workers is a whole number from 1 to 10000, not 1.5", server.listen, server, 1, { model = "pool", workers = 1.5 }, shout)
refuses("listen: model is a string, not number", server.listen, server, 1, { model = 3 }, shout)
