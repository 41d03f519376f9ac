-- What a scene does to the packets of a wire, or of one direction of it: both take the same words.
local api, sys = ...
local Wire, Direction, Rule = sys.Wire, sys.Direction, sys.Rule

local shared = {}
for _, action in ipairs { "drop", "delay", "hold", "duplicate", "corrupt" } do
  shared[action] = function(self, filter) return sys.rule(self, action, filter, sys.decider(filter)) end
end

-- fn(packet) decides: nothing lets it go on, "drop", "duplicate", "corrupt", "hold" or a delay.
function shared:on_packet(fn)
  if type(fn) ~= "function" then sys.misuse(("on_packet takes a function, not %s"):format(type(fn))) end
  return sys.rule(self, "on_packet", nil, fn)
end

local flap_options = { up = true, down = true }
function shared:flap(options)
  options = sys.options("flap", options, flap_options)
  if not options.up or not options.down then
    sys.misuse "flap: for how long is it up, and for how long down? wire:flap { up = \"1s\", down = \"200ms\" }"
  end
  return sys.flap(self, options.up, options.down, ("up %s, down %s"):format(options.up, options.down))
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

local crafted_packet_fields = { from = true, to = true, from_port = "number", to_port = "number", conn = true,
  protocol = "string", flags = "string", seq = "number", ack = "number", window = "number", mss = "number",
  window_scale = "number", sack_permitted = "boolean", timestamps = "table", data = "string", ttl = "number",
  ecn = "number", ip_id = "number", ip_protocol = "number", dont_fragment = "boolean", more_fragments = "boolean",
  fragment = "number", icmp = "string", icmp_type = "number", icmp_code = "number", icmp_rest = "number", operation = "string",
  from_mac = "string", to_mac = "string", checksum = "boolean", frame = "string" }

-- A packet that no kernel has sent; as packets() has it.
function shared:inject(packet)
  local id = sys.inject(self, sys.options("inject", packet, crafted_packet_fields))
  return sys.packets({ id = id })[1]
end

function shared:set(options) return sys.set(self, sys.settings("set", options)) end

Wire.from = sys.wire_from

for name, method in pairs(shared) do
  Wire[name], Direction[name] = method, method
end

sys.fields(sys.direction_meta, Direction, {}, "one direction of a wire")
sys.fields(sys.rule_meta, Rule, { hits = sys.rule_hits }, "a rule")
