-- host:ping(): one echo request and what comes of it, over an icmp socket of the scene.
local api, sys = ...
local Host = sys.Host

local PATIENCE <const> = "4s" -- longer than ARP asks for an address that nobody has

local function fails(about, code, sentence, by)
  return nil, code, ("%s: %s"):format(about, sentence), by
end

-- An error that ICMP told: the socket says which, its queue says more.
local function unreachable(host, socket, about, code)
  local _, message, by = socket:queued_error()
  local name = by and sys.name_of(by)
  if not message or name == host.name then return fails(about, code, "nobody answers for its address", by) end
  return fails(about, code, ("%s, says %s"):format(message, name), by)
end

local ping_options = { timeout = true, size = "number", ttl = "number" }

-- The round-trip time in seconds.
function Host:ping(to, options)
  options = sys.options("ping", options, ping_options)
  local size = options.size or 56
  if math.type(size) ~= "integer" or size < 0 or size > 65499 then
    sys.misuse(("ping: a size is 0 to 65499 bytes, not %s"):format(sys.show(size)))
  end
  local address, name = sys.reach(self, to)
  local about = "ping " .. name
  local six = address:find(":", 1, true)
  if six and options.ttl then sys.misuse "ping: ttl is for IPv4; IPv6 has none" end
  local socket <close>, code, sentence = sys.socket(self, six and "icmpv6" or "icmp")
  if not socket then return nil, code, sentence end
  local ok
  ok = true
  if not six then ok, code, sentence = socket:set("recverr", true) end
  if ok and options.ttl then ok, code, sentence = socket:set("ttl", options.ttl) end
  if ok then ok, code, sentence = sys.connect(socket, address, 0, name, nil) end
  if not ok then return nil, code, sentence end
  socket:timeout(options.timeout or PATIENCE)
  local began = sys.clock()
  -- An echo request; the kernel fills in checksum and identifier; the first of its sequence (RFC 792, RFC 4443).
  ok, code, sentence = socket:send(string.pack(">BBHHH", six and 128 or 8, 0, 0, 0, 1) .. api.bytes(size))
  if ok then ok, code, sentence = socket:recv() end
  if ok then return sys.clock() - began end
  if code == "timeout" then return fails(about, code, "no answer within the limit") end
  return unreachable(self, socket, about, code)
end
