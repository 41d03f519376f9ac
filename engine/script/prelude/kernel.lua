-- The kernel's own view of a host: its settings, sockets and counters.
local _, sys = ...
local Host, Socket, Watch = sys.Host, sys.Socket, sys.Watch

-- Names as in scenes: without a dot they stand under net.ipv4, then net.core.
function Host:sysctl(name, value)
  if type(name) ~= "string" then sys.misuse(("sysctl: a name expected, got %s"):format(type(name))) end
  local names = name:find(".", 1, true) and { name } or { "net.ipv4." .. name, "net.core." .. name }
  local result, code, sentence
  for _, full in ipairs(names) do
    result, code, sentence = sys.sysctl(self, full, value ~= nil and tostring(value) or nil)
    if result or code ~= "ENOENT" then break end
  end
  if not result then sys.misuse(("sysctl %s of %s: %s"):format(name, self.name, sentence)) end
  return math.tointeger(tonumber(result)) or result
end

local socket_filter_fields = { state = true, address = true, port = true, peer = true, peer_port = true, recv_q = true,
  send_q = true, timer = true, expires = true, retransmits = true, conn = true }

local function check_state(what, state)
  if not sys.is_state(state) then
    sys.misuse(("%s: there is no state %s; states are those of the kernel, such as \"TIME_WAIT\""):format(what, sys.show(state)))
  end
end

local function is_end_of(row, ends)
  for _, one in ipairs(ends) do
    if row.address == one.address and row.port == one.port and row.peer == one.peer and row.peer_port == one.peer_port
    then return true end
  end
  return false
end

-- The host's TCP sockets as ss shows them, those that the filter asks for.
function Host:sockets(filter)
  filter = filter or {}
  if type(filter) ~= "table" then sys.misuse(("sockets: a filter is a table, not %s"):format(type(filter))) end
  for name in pairs(filter) do
    if not socket_filter_fields[name] then
      sys.misuse(("sockets: unknown field \"%s\" in a filter; there are %s"):format(tostring(name), sys.list(socket_filter_fields)))
    end
  end
  if filter.state ~= nil and type(filter.state) ~= "function" then check_state("sockets", filter.state) end
  local ends = filter.conn ~= nil and sys.ends_of(filter.conn)
  local rows = {}
  for _, row in ipairs(sys.sockets(self)) do
    local keep = not ends or is_end_of(row, ends)
    for name, wanted in pairs(filter) do
      if name == "conn" then -- looked at above
      elseif type(wanted) == "function" then keep = keep and sys.quietly(function() return wanted(row[name]) end)
      else keep = keep and row[name] == wanted end
    end
    if keep then rows[#rows + 1] = row end
  end
  return rows
end

local zeros = { __index = function() return 0 end }

-- How many sockets, by state; or of one state.
function Host:count(state)
  if state ~= nil then check_state("count", state) end
  local states = setmetatable(sys.count(self), zeros)
  return state and states[state] or states
end

local watch_options = { every = true }

-- How many sockets, by state, looked at again and again.
function Host:watch(options)
  options = sys.options("watch", options, watch_options)
  return sys.watch(self, options.every or "100ms")
end

-- The most there have been of one state at once.
function Watch:max(state)
  check_state("max", state)
  return sys.watch_most(self)[state] or 0
end

-- What it saw, whenever that had changed: when, and how many of each state.
function Watch:samples()
  local samples = sys.watch_samples(self)
  for _, sample in ipairs(samples) do setmetatable(sample, zeros) end
  return samples
end

-- What the kernel has counted on this host, by nstat's names; 0 for what it has not.
function Host:counters()
  return setmetatable(sys.counters(self), zeros)
end

-- What is to be looked at closely: as a number for the bindings, and whether it is nothing at all.
local observable = { queues = 1, tcp = 2 }
function sys.observed(what, words)
  if type(words) ~= "table" then words = { words } end
  local closely = 0
  for _, word in ipairs(words) do
    if word == "none" and #words == 1 then return 0, true end
    if not observable[word] then
      sys.misuse(("%s: observe takes \"queues\", \"tcp\", both in a list, or \"none\", not %s"):format(what, sys.show(word)))
    end
    closely = closely | observable[word]
  end
  return closely, false
end

-- This connection closely from now on, whatever the scene says of all.
function Socket:observe(words)
  sys.observe_conn(self, (sys.observed("observe", words)))
end

sys.fields(sys.watch_meta, Watch, {}, "a watch")
