-- What has entered the wires: packets(filter), packets.count(filter).
local api, sys = ...

-- Fields that are functions decide by the packet's own value; C does the rest.
local function split(filter)
  if type(filter) ~= "table" then return filter, nil end
  local plain, deciders = {}, nil
  for name, value in pairs(filter) do
    if type(value) == "function" then
      deciders = deciders or {}
      deciders[name] = value
    elseif name == "data" and type(value) == "string" then
      deciders = deciders or {}
      deciders[name] = function(data) return data == value end
    else
      plain[name] = value
    end
  end
  return plain, deciders
end

local function find(filter)
  local plain, deciders = split(filter)
  local hits = sys.packets(plain)
  if not deciders then return hits end
  local chosen = {}
  for _, packet in ipairs(hits) do
    local keep = true
    for name, decide in pairs(deciders) do
      keep = keep and sys.quietly(function() return decide(packet[name]) end)
    end
    if keep then chosen[#chosen + 1] = packet end
  end
  return chosen
end

local function count(filter)
  local plain, deciders = split(filter)
  if deciders then return #find(filter) end
  return sys.count_packets(plain)
end

api.packets = setmetatable({ count = count }, { __call = function(_, filter) return find(filter) end, __metatable = false })
