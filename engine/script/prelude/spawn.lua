-- Actors: one, or several that do the same.
local api, sys = ...
local Actor, Host = sys.Actor, sys.Host

-- Several actors as one.
local Group = {}

-- A list of what each returned first, false where there was nothing; or nil, "timeout".
function Group:join(limit)
  local deadline = sys.deadline(limit)
  local results = {}
  for i, actor in ipairs(self) do
    local left = deadline and math.max(deadline - sys.clock(), 0)
    local result, code, sentence = actor:join(left)
    if code == "timeout" then return nil, code, sentence end
    if result == nil then result = false end
    results[i] = result
  end
  return results
end

function Group:stop()
  for _, actor in ipairs(self) do actor:stop() end
end

local group_meta = { __close = Group.stop, __metatable = false }
sys.fields(group_meta, Group, {}, "a group")

local function spawn(host, name, n, fn)
  if type(n) == "function" then n, fn = nil, n end
  if type(name) ~= "string" or type(fn) ~= "function" then
    sys.misuse "spawn takes a name, perhaps how many, and a function: spawn(\"client\", 5, function(i) … end)"
  end
  if name == "" or name:find "\0" then sys.misuse "spawn: an actor needs a name" end
  if n == nil then return sys.spawn(name, host, "spawned", fn) end
  if math.type(n) ~= "integer" or n < 0 or n > 100000 then
    sys.misuse(("spawn: how many is a whole number from 0 to 100000, not %s"):format(tostring(n)))
  end
  local group = {}
  for i = 1, n do group[i] = sys.spawn(("%s/%d"):format(name, i), host, "spawned", fn, i) end
  return setmetatable(group, group_meta)
end

function api.spawn(name, n, fn) return spawn(nil, name, n, fn) end
function Host:spawn(name, n, fn) return spawn(self, name, n, fn) end

sys.fields(sys.actor_meta, Actor, {}, "an actor")
