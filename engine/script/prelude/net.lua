-- Hosts, links, and the connections between them.
local api, sys = ...
local Host, Socket = sys.Host, sys.Socket

local function setting_name(name)
  if name:find(".", 1, true) then return name end
  return "net.ipv4." .. name
end

local host_options = { address = "string", sysctl = "table" }
function api.host(name, options)
  if type(name) ~= "string" then sys.misuse(("host: a name expected, got %s"):format(type(name))) end
  sys.options("host", options, host_options)
  local host = sys.host(name)
  if options and options.address then sys.want_address(host, options.address) end
  for key, value in pairs(options and options.sysctl or {}) do
    sys.want_sysctl(host, setting_name(key), tostring(value))
  end
  return host
end

local link_options = { delay = true, mtu = "number" }
function api.link(a, b, options)
  options = sys.options("link", options, link_options)
  return sys.link(a, b, options.delay, options.mtu)
end

local function port_of(what, port)
  if math.type(port) ~= "integer" or port < 0 or port > 65535 then
    sys.misuse(("%s: a port is a whole number from 0 to 65535, not %s"):format(what, sys.show(port)))
  end
  return port
end

-- Each connection is an actor of its own; it is closed when its handler ends, however that comes.
local function serve(host, listener, handler)
  while true do
    local conn = listener:accept()
    if not conn then return end
    sys.spawn(sys.next_handler(host), host, "handler", function()
      local open <close> = conn
      return handler(open)
    end)
  end
end

local listen_options = { backlog = "number" }
function Host:listen(port, options, handler)
  if type(options) == "function" then options, handler = nil, options end
  options = sys.options("listen", options, listen_options)
  if handler ~= nil and type(handler) ~= "function" then
    sys.misuse(("listen: the handler is a function, not %s"):format(type(handler)))
  end
  port_of("listen", port)
  local listener, code, sentence = sys.socket(self)
  if not listener then return nil, code, sentence end
  local ok
  ok, code, sentence = sys.bind(listener, "", port)
  if ok then ok, code, sentence = sys.listen(listener, options.backlog or 128) end
  if not ok then
    listener:close()
    return nil, code, sentence
  end
  if handler then sys.spawn(self.name, self, "handler", serve, self, listener, handler) end
  return listener
end

local connect_options = { timeout = true, from_port = "number" }
function Host:connect(to, port, options)
  options = sys.options("connect", options, connect_options)
  port_of("connect", port)
  local address, name = sys.reach(self, to)
  local conn, code, sentence = sys.socket(self)
  if not conn then return nil, code, sentence end
  local ok = true
  if options.from_port then ok, code, sentence = sys.bind(conn, "", port_of("connect", options.from_port)) end
  if ok then ok, code, sentence = sys.connect(conn, address, port, name, options.timeout) end
  if not ok then
    conn:close()
    return nil, code, sentence
  end
  return conn
end

-- Lines until FIN or any failure.
function Socket:lines()
  return function() return (self:receive "line") end
end

sys.fields(sys.host_meta, Host, { name = sys.host_name, address = sys.host_address }, "a host")
sys.fields(sys.socket_meta, Socket, {}, "a connection")
sys.fields(sys.wire_meta, sys.Wire, {}, "a wire")
