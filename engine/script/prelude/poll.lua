-- Waiting on many: poll, select, epoll.
local _, sys = ...
local Host, Epoll = sys.Host, sys.Epoll

local READ <const>, WRITE <const> = 1, 2

-- Adds what stands in a list to the sockets in their order, and to what each is wanted for.
local function want(what, list, way, order, wants)
  for i = 1, rawlen(list) do
    local conn = rawget(list, i)
    if conn == nil then sys.misuse(("%s: number %d of the list is nil"):format(what, i)) end
    if not wants[conn] then order[#order + 1] = conn end
    wants[conn] = (wants[conn] or 0) | way
  end
end

local function poll(host, what, set, limit)
  if type(set) ~= "table" then
    sys.misuse(("%s takes a table, { a, b, write = { c } }, not %s"):format(what, type(set)))
  end
  for name in pairs(set) do
    if math.type(name) ~= "integer" and name ~= "write" then
      sys.misuse(("%s: unknown field \"%s\"; there is a list of those to read, and write = { … }"):format(what, tostring(name)))
    end
  end
  if set.write ~= nil and type(set.write) ~= "table" then
    sys.misuse(("%s: write is a table, { c }, not %s"):format(what, type(set.write)))
  end
  local order, wants = {}, {}
  want(what, set, READ, order, wants)
  want(what, set.write or {}, WRITE, order, wants)
  return sys.poll(host, what, order, wants, limit)
end

function Host:poll(set, limit) return poll(self, "poll", set, limit) end
function Host:select(set, limit) return poll(self, "select", set, limit) end

local epoll_options = { edge = "boolean", oneshot = "boolean" }
function Host:epoll(options)
  options = sys.options("epoll", options, epoll_options)
  return sys.epoll(self, options.edge, options.oneshot)
end

sys.fields(sys.epoll_meta, Epoll, {}, "an epoll")
