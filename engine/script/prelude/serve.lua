-- Server models: who serves the connections of a listener, and with which calls. The handler is the same for all.
local _, sys = ...

local POOL <const> = 4 -- workers, if the scene does not say

-- A connection is closed when its handler ends, however that comes.
local function serve(conn, handler)
  local open <close> = conn
  return handler(open)
end

-- The next connection; nil when the listener is closed. Without a free descriptor it stays in the queue meanwhile.
local function next_connection(listener, host)
  while true do
    local conn, code = listener:accept()
    if conn or code ~= "EMFILE" then return conn end
    sys.wait_for_descriptor(host)
    if not sys.is_open(listener) then return nil end
  end
end

-- One after the other.
local function serve_in_turn(listener, handler, host)
  while true do
    local conn = next_connection(listener, host)
    if not conn then return end
    serve(conn, handler)
  end
end

-- Each connection is an actor of its own.
local function serve_by_threads(listener, handler, host)
  while true do
    local conn = next_connection(listener, host)
    if not conn then return end
    sys.spawn(sys.next_handler(host), host, "handler", serve, conn, handler)
  end
end

-- The sockets that handlers of an event loop wait for, by what for: one handler, or a list of them.
local Wishes = {}
Wishes.__index = Wishes

function Wishes:add(sock, way, task)
  local others = self[way][sock]
  if others == nil then
    self[way][sock] = task
  elseif type(others) == "table" then
    others[#others + 1] = task
  else
    self[way][sock] = { others, task }
  end
end

function Wishes:take(sock, way)
  local found = self[way][sock]
  self[way][sock] = nil
  return found
end

function Wishes:drop(sock, way, task)
  local found = self:take(sock, way)
  if type(found) ~= "table" then return end
  for _, other in ipairs(found) do
    if other ~= task then self:add(sock, way, other) end
  end
end

-- "read", "write", "both", or nil.
function Wishes:of(sock)
  local read, write = self.read[sock] ~= nil, self.write[sock] ~= nil
  return read and write and "both" or read and "read" or write and "write" or nil
end

-- A set that is handed to poll or select anew each time: the listener, and whoever is waited for, in the order in
-- which they came.
local function watch_by_list(call, host, listener, wishes)
  local order, known = {}, {}
  local watch = {}
  function watch.want(sock)
    if not known[sock] then
      known[sock] = true
      order[#order + 1] = sock
    end
  end
  function watch.unwanted() end
  function watch.forget() end
  local full = false
  function watch.stop_accepting() full = true end
  function watch.go_on_accepting() full = false end
  function watch.wait(limit)
    local set, write, kept = { sys.is_open(listener) and not full and listener or nil }, {}, {}
    for _, sock in ipairs(order) do
      local way = sys.is_open(sock) and wishes:of(sock)
      if way then kept[#kept + 1] = sock else known[sock] = nil end
      if way == "read" or way == "both" then set[#set + 1] = sock end
      if way == "write" or way == "both" then write[#write + 1] = sock end
    end
    order, set.write = kept, write
    return call(host, set, limit)
  end
  return watch
end

-- An epoll, in which a socket stays while nothing else is wanted of it. Who becomes ready unasked is taken out:
-- level triggered, it would be told for ever.
local function watch_by_epoll(_, host, listener, wishes)
  local epoll, registered = host:epoll(), setmetatable({}, { __mode = "k" })
  epoll:add(listener)
  local watch = {}
  function watch.want(sock)
    local way = wishes:of(sock)
    if not registered[sock] then epoll:add(sock, way)
    elseif registered[sock] ~= way then epoll:modify(sock, way) end
    registered[sock] = way
  end
  function watch.unwanted(sock)
    local way = wishes:of(sock)
    if way then epoll:modify(sock, way) else epoll:remove(sock) end
    registered[sock] = way
  end
  function watch.forget(sock)
    if registered[sock] and sys.is_open(sock) then epoll:remove(sock) end
    registered[sock] = nil
  end
  function watch.stop_accepting() epoll:remove(listener) end
  function watch.go_on_accepting()
    if sys.is_open(listener) then epoll:add(listener) end
  end
  function watch.wait(limit) return epoll:wait(limit) end
  return watch
end

-- One actor for all connections. It hands control to a handler whose wish has come true, and gets it back with the
-- next wish.
local function serve_in_loop(listener, handler, host, watch_by, call)
  sys.loop()
  listener:nonblocking(true)
  local wishes = setmetatable({ read = {}, write = {} }, Wishes)
  local watch = watch_by(call, host, listener, wishes)

  local function run(task, in_time)
    local way, sock = sys.run(task, in_time)
    if sock then
      wishes:add(sock, way, task)
      watch.want(sock)
    end
  end

  local function serve_and_forget(conn)
    local open <close> = conn
    handler(open)
    watch.forget(open)
  end

  local full -- no descriptor was left for the next connection: how many were closed by then
  local function accept()
    local conn, code = listener:accept()
    if code == "EMFILE" then
      full = sys.closed_descriptors(host)
      watch.stop_accepting()
    end
    if not conn then return end
    sys.put_under_loop(conn)
    run(sys.take(serve_and_forget, conn), true)
  end

  local function wake(sock, way)
    local found = wishes:take(sock, way)
    if type(found) ~= "table" then return run(found, true) end
    for _, task in ipairs(found) do run(task, true) end
  end

  local function tell(sock, what)
    local both = what ~= "read" and what ~= "write" -- or a hang-up, or an error: each ends every wait
    local read = wishes.read[sock] and (both or what == "read")
    local write = wishes.write[sock] and (both or what == "write")
    if read then wake(sock, "read") end
    if write then wake(sock, "write") end
    if not read and not write and sys.is_open(sock) then watch.unwanted(sock) end
  end

  local function run_overdue()
    local overdue = {}
    for task, way, sock in sys.overdue do
      if sock then wishes:drop(sock, way, task) end
      overdue[#overdue + 1] = task
    end
    for _, task in ipairs(overdue) do run(task, false) end
  end

  while true do
    if full and full < sys.closed_descriptors(host) then
      full = nil
      watch.go_on_accepting()
    end
    local ready = watch.wait(sys.next_limit())
    for _, sock in ipairs(ready) do
      if sock == listener then accept() else tell(sock, ready[sock]) end
    end
    run_overdue()
  end
end

local models = {
  blocking = serve_in_turn,
  threads = serve_by_threads,
  pool = serve_in_turn,
  select = serve_in_loop,
  poll = serve_in_loop,
  epoll = serve_in_loop,
}

function sys.check_model(options, handler)
  local model, workers = options.model, options.workers
  if model ~= nil and not models[model] then
    sys.misuse(("listen: unknown model \"%s\"; there is %s"):format(model, sys.list(models)))
  elseif model ~= nil and not handler then
    sys.misuse(("listen: model \"%s\" needs a handler: listen(port, { model = … }, function(conn) … end)"):format(model))
  elseif workers ~= nil and model == nil then
    sys.misuse "listen: workers goes with model = \"pool\""
  elseif workers ~= nil and (math.type(workers) ~= "integer" or workers < 1 or workers > 10000) then
    sys.misuse(("listen: workers is a whole number from 1 to 10000, not %s"):format(sys.show(workers)))
  end
end

function sys.serve(host, listener, options, handler)
  local model = options.model or "threads"
  if model == "pool" then
    for _ = 1, options.workers or POOL do
      sys.spawn(sys.next_handler(host), host, "handler", serve_in_turn, listener, handler, host)
    end
    return
  end
  local watch_by, call = watch_by_list, host[model == "select" and "select" or "poll"]
  if model == "epoll" then watch_by = watch_by_epoll end
  sys.spawn(host.name, host, "handler", models[model], listener, handler, host, watch_by, call)
end
