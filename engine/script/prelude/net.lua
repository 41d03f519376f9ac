-- Hosts, links, and the connections between them.
local api, sys = ...
local Host, Socket = sys.Host, sys.Socket

local host_options = { address = "string", sysctl = "table", descriptors = "number", arp = "boolean", ipv6 = "boolean" }
local function make_host(what, name, options)
  if type(name) ~= "string" then sys.misuse(("%s: a name expected, got %s"):format(what, type(name))) end
  sys.options(what, options, host_options)
  local host = sys.host(name)
  if options and options.address then sys.want_address(host, options.address) end
  for key, value in pairs(options and options.sysctl or {}) do
    sys.want_sysctl(host, key, tostring(value))
  end
  if options and options.arp then sys.want_arp(host, true) end
  if options and options.ipv6 then sys.want_ipv6(host, true) end
  if options and options.descriptors then sys.want_descriptors(host, options.descriptors) end
  return host
end

function api.host(name, options) return make_host("host", name, options) end

-- A host that forwards; it gets the routes to all networks, and its neighbours their default route.
function api.router(name, options)
  local host = make_host("router", name, options)
  sys.forward(host)
  return host
end

function api.link(a, b, options) return sys.link(a, b, sys.settings("link", options)) end

function api.switch(name, hosts, options)
  if type(name) ~= "string" then sys.misuse(("switch: a name expected, got %s"):format(type(name))) end
  if type(hosts) ~= "table" then sys.misuse(("switch: a list of hosts expected, got %s"):format(sys.show(hosts))) end
  return sys.switch(name, hosts, sys.settings("switch", options))
end

-- One after the other, as long as the socket is open.
local function answer(socket, handler)
  while true do
    local data, address, port = socket:recvfrom()
    if data then handler(data, address, port, socket)
    elseif address == "EBADF" then return end
  end
end

-- Those of a function's options that are options of the socket.
local function set_options(socket, options, own)
  for name, value in pairs(options) do
    if not own[name] then
      local ok, code, sentence = socket:set(name, value)
      if not ok then return nil, code, sentence end
    end
  end
  return true
end

local listen_options = { backlog = "number", model = "string", workers = "number", any_socket_option = true }
sys.listen_options = listen_options -- host:http takes them too
function Host:listen(port, options, handler)
  if type(options) == "function" then options, handler = nil, options end
  options = sys.options("listen", options, listen_options)
  if handler ~= nil and type(handler) ~= "function" then
    sys.misuse(("listen: the handler is a function, not %s"):format(type(handler)))
  end
  sys.check_model(options, handler)
  sys.port("listen", port)
  local listener, code, sentence = sys.socket(self, "tcp")
  if not listener then return nil, code, sentence end
  local ok
  ok, code, sentence = set_options(listener, options, listen_options)
  if ok then ok, code, sentence = listener:bind(port) end
  if ok then ok, code, sentence = listener:listen(options.backlog) end
  if not ok then
    listener:close()
    return nil, code, sentence
  end
  if handler then sys.serve(self, listener, options, handler) end
  return listener
end

local connect_options = { timeout = true, from_port = "number", any_socket_option = true }
function Host:connect(to, port, options)
  options = sys.options("connect", options, connect_options)
  sys.port("connect", port)
  local address, name = sys.reach(self, to)
  local conn, code, sentence = sys.socket(self, "tcp")
  if not conn then return nil, code, sentence end
  local ok
  ok, code, sentence = set_options(conn, options, connect_options)
  if ok and options.from_port then ok, code, sentence = conn:bind(options.from_port) end
  if ok then ok, code, sentence = sys.connect(conn, address, port, name, options.timeout) end
  if not ok then
    conn:close()
    return nil, code, sentence
  end
  return conn
end

-- The bare thing: what becomes of it is decided by its calls.
function Host:socket(kind, protocol) return sys.socket(self, kind, protocol) end

-- A socket of datagrams, bound if a port is given. With a handler it is called for each datagram.
local udp_options = { any_socket_option = true }
function Host:udp(port, options, handler)
  if type(port) == "function" then port, options, handler = nil, nil, port end
  if type(port) == "table" then port, options, handler = nil, port, options end
  if type(options) == "function" then options, handler = nil, options end
  options = sys.options("udp", options, udp_options)
  if port ~= nil then sys.port("udp", port) end
  if handler ~= nil and type(handler) ~= "function" then
    sys.misuse(("udp: the handler is a function, not %s"):format(type(handler)))
  elseif handler and not port then
    sys.misuse "udp: a handler needs a port to listen at"
  end
  local socket, code, sentence = sys.socket(self, "udp")
  if not socket then return nil, code, sentence end
  local ok
  ok, code, sentence = set_options(socket, options, udp_options)
  if ok and port then ok, code, sentence = socket:bind(port) end
  if not ok then
    socket:close()
    return nil, code, sentence
  end
  if handler then sys.spawn(self.name, self, "handler", answer, socket, handler) end
  return socket
end

local socket_connect_options = { timeout = true }
function Socket:connect(to, port, options)
  options = sys.options("connect", options, socket_connect_options)
  local address, name = sys.reach(sys.host_of(self), to)
  return sys.connect(self, address, sys.port("connect", port), name, options.timeout)
end

-- Lines until FIN or any failure.
function Socket:lines()
  return function() return (self:receive "line") end
end

sys.fields(sys.host_meta, Host, { name = sys.host_name, address = sys.host_address, address6 = sys.host_address6,
  wire = sys.host_wire, lo = sys.host_lo }, "a host")
sys.fields(sys.socket_meta, Socket, {}, "a socket")
sys.fields(sys.wire_meta, sys.Wire, {}, "a wire")
