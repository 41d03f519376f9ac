-- What a scene does to the packets of a wire, or of one direction of it: both take the same words.
local api, sys = ...
local Wire, Direction, Rule = sys.Wire, sys.Direction, sys.Rule

local shared = {}
for _, action in ipairs { "drop", "delay", "hold" } do
  shared[action] = function(self, filter) return sys.rule(self, action, filter, sys.decider(filter)) end
end

shared.cut = sys.cut
shared.mend = sys.mend

local wire_set_options = { delay = true }
function shared:set(options)
  options = sys.options("set", options, wire_set_options)
  if options.delay ~= nil then sys.set_delay(self, options.delay) end
end

Wire.from = sys.wire_from

for name, method in pairs(shared) do
  Wire[name], Direction[name] = method, method
end

sys.fields(sys.direction_meta, Direction, {}, "one direction of a wire")
sys.fields(sys.rule_meta, Rule, { hits = sys.rule_hits }, "a rule")
