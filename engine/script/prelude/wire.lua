-- What a scene does to the packets of a wire, or of one direction of it: both take the same words.
local api, sys = ...
local Wire, Direction, Rule = sys.Wire, sys.Direction, sys.Rule

local shared = {}
for _, action in ipairs { "drop", "delay", "hold" } do
  shared[action] = function(self, filter) return sys.rule(self, action, filter, sys.decider(filter)) end
end

shared.cut = sys.cut
shared.mend = sys.mend

local wire_options = { delay = true, jitter = true, distribution = "string", loss = true, burst = "table", reorder = true,
  reorder_by = true, duplicate = true, corrupt = true, rate = true, queue = true, ecn = true, path_mtu = true,
  black_hole = true, mtu = "number" }
local burst_options = { enter = true, leave = true, loss = true }

local function text(what, name, value)
  if type(value) ~= "string" and type(value) ~= "number" then
    sys.misuse(("%s: %s is a number or a text such as \"1%%\" or \"10ms\", not %s"):format(what, name, type(value)))
  end
  return tostring(value)
end

-- What link(), switch() and set() take: settings by name, as texts; and the MTU.
function sys.settings(what, options)
  options = sys.options(what, options, wire_options)
  local settings = {}
  for name, value in pairs(options) do
    if name ~= "burst" and name ~= "mtu" then settings[name] = text(what, name, value) end
  end
  if options.burst then
    local burst = sys.options(what .. ": burst", options.burst, burst_options)
    settings.burst_enter = text(what, "burst.enter", burst.enter or 0)
    settings.burst_leave = text(what, "burst.leave", burst.leave or "25%")
    settings.burst_loss = text(what, "burst.loss", burst.loss or 1)
  end
  return settings, options.mtu
end

function shared:set(options) return sys.set(self, sys.settings("set", options)) end

Wire.from = sys.wire_from

for name, method in pairs(shared) do
  Wire[name], Direction[name] = method, method
end

sys.fields(sys.direction_meta, Direction, {}, "one direction of a wire")
sys.fields(sys.rule_meta, Rule, { hits = sys.rule_hits }, "a rule")
