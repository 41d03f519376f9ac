-- The way out: a host that stands for one real address, if the user has granted that.
local api, sys = ...

-- What a client sends goes out, until it has no more.
local function carry_out(conn, far, done)
  for data in function() return (conn:recv(16384)) end do
    if data == "" or not far:write(data) then break end
  end
  far:finish()
  done()
end

-- One connection of the scene, and one to the real address, as if they were one.
local function serve(host, conn, address)
  local far, why = sys.dial(address)
  local first = far and far:read() or "-" .. (why or "")
  if first:sub(1, 1) ~= "+" then
    sys.print(first:sub(2))
    conn:abort()
    if far then far:close() end
    return
  end
  sys.print(("relayed to the real %s (%s)"):format(address, first:sub(2)))
  local open = 2
  local function done()
    open = open - 1
    if open > 0 then return end
    conn:close()
    far:close()
  end
  sys.spawn(sys.next_handler(host), host, "handler", carry_out, conn, far, done)
  for data in function() return (far:read()) end do
    if not conn:send(data) then break end
  end
  conn:shutdown "send"
  done()
end

local relay_options = { name = "string" }
function api.relay(address, options)
  options = sys.options("relay", options, relay_options)
  local place, port
  if type(address) == "string" then place, port = address:match "^(%S+):(%d+)$" end
  port = math.tointeger(tonumber(port))
  if not port or port < 1 or port > 65535 then
    sys.misuse(("relay: a real address and port expected, \"example.com:80\", not %s"):format(sys.show(address)))
  end
  local allowed, why = sys.reach_outside(address)
  if not allowed then sys.misuse(why) end
  local host = api.host(options.name or (place:find "^[%d.:%[%]]+$" and "outside" or place))
  sys.want_relay(host, address)
  sys.spawn(host.name, host, "handler", function()
    local listener = host:listen(port)
    for conn in function() return (listener:accept()) end do
      sys.spawn(sys.next_handler(host), host, "handler", serve, host, conn, address)
    end
  end)
  return host
end
