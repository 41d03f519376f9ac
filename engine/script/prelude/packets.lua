-- What has entered the wires: packets(filter), packets.count(filter).
local api, sys = ...

-- The fields of a filter that are functions, as one: each decides by the packet's own value. C does the rest.
function sys.decider(filter)
  local deciders = {}
  for name, value in pairs(type(filter) == "table" and filter or {}) do
    if type(value) == "function" then deciders[name] = value end
  end
  if next(deciders) == nil then return nil end
  return function(packet)
    for name, decide in pairs(deciders) do
      if not decide(packet[name]) then return false end
    end
    return true
  end
end

local function find(filter)
  local hits, decide = sys.packets(filter), sys.decider(filter)
  if not decide then return hits end
  local chosen = {}
  for _, packet in ipairs(hits) do
    if sys.quietly(decide, packet) then chosen[#chosen + 1] = packet end
  end
  return chosen
end

local function count(filter)
  return sys.decider(filter) and #find(filter) or sys.count_packets(filter)
end

api.packets = setmetatable({ count = count }, { __call = function(_, filter) return find(filter) end, __metatable = false })
