"""Every function of the language with wrong types and counts of arguments: each outcome is a value or a sentence with the
presenter's file and line. Never a crash, never a place in the engine."""

import re

import pytest

pytestmark = pytest.mark.wire

SCENE = r"""
local a, b = host "a", host("b", { address = "10.1.0.77" })
local wire = link(a, b, { delay = "1ms" })
local listener = b:listen(80)
local conn = a:connect(b, 80)
local far = listener:accept()
local actor = spawn("idle", function() sleep(1000) end)
local group = spawn("idles", 2, function() sleep(1000) end)
local closed = a:connect(b, 80)
closed:close()

-- Junk, and options with junk in them.
local values = {
  true, false, 0, -1, 1, 1.5, 80, 1e300, -1e300, math.huge, 0/0, math.maxinteger, math.mininteger,
  "", "x", "10ms", "a", "10.1.0.1", "64KiB", "line", "all", string.rep("y", 300), "\0", "\xff", "%s %d", "%",
  {}, { "a" }, { [{}] = 1 }, { nosuch = 1 }, { ko = 1 }, { en = {} }, { delay = {} }, { loss = "x" }, { mtu = 1.5 },
  { timeout = "x" }, { from_port = {} }, { from_port = 1.5 }, { backlog = "x" }, { backlog = 1e300 }, { within = {} },
  { address = "x" }, { sysctl = { [1] = {} } }, { sysctl = { x = 1 } }, { time_limit = {} }, { linger = -1 },
  { author = {} }, { tags = { {} } }, { needs = { 1, {} } }, { from = "zz" }, { from = a, flags = "Q" }, { since = "x" },
  { fate = "z" }, { note = 3 }, { on = a }, { conn = wire }, { conn = listener }, { data = "x" }, { state = 1 },
  { len = function() error "decided" end }, { len = function() sleep(1) end },
  function() end, function() error "inner" end, function() sleep(1) end, print,
  setmetatable({}, { __index = function() error "index" end }), setmetatable({}, { __tostring = function() return 1 end }),
  setmetatable({}, { __name = "odd", __len = function() return "x" end }),
  a, b, wire, listener, conn, far, actor, group, closed,
}

local targets = {}
local function add(kind, name, f) targets[#targets + 1] = { kind .. " " .. name, f } end

for name in ("title scene say cue param expect settle print host link sleep now spawn bytes packets require load"):gmatch "%w+" do
  add("api", name, load("return " .. name)())
end
add("api", "packets.count", packets.count)
for name in ("assert getmetatable ipairs next pairs pcall rawequal rawget rawlen rawset select setmetatable tonumber tostring type xpcall"):gmatch "%w+" do
  add("lua", name, load("return " .. name)())
end
for library, functions in pairs { string = string, table = table, math = math, utf8 = utf8, os = os } do
  for name, f in pairs(functions) do
    if type(f) == "function" and name ~= "rep" and name ~= "randomseed" then add("lua", library .. "." .. name, f) end
  end
end

-- What a handle can do, it says itself.
local function methods(handle)
  local _, why = pcall(function() return handle.no_such_method end)
  return why:match "it has (.*)":gmatch "[%w_]+"
end
local handles = { host = a, wire = wire, actor = actor, conn = conn, listener = listener, closed = closed }
for kind, handle in pairs(handles) do
  for name in methods(handle) do
    local there, f = pcall(function() return handle[name] end)
    if there and type(f) == "function" then
      add("api", kind .. "." .. name, f)
      if not (kind == "conn" or kind == "listener") or name ~= "close" and name ~= "abort" then
        add("api", kind .. ":" .. name, function(...) local x, y, z = f(handle, ...) return x, y, z end)
      end
    end
  end
  add("api", kind .. "[]", function(key) return handle[key] end)
  add("api", kind .. "[]=", function(key, value) handle[key or 1] = value end)
  add("lua", kind .. " arithmetic", function(x) return handle + x end)
  add("lua", kind .. " text", function(x) return handle .. x end)
  add("lua", kind .. " order", function(x) return handle < x end)
  add("lua", kind .. " equal", function(x) return handle == x end)
  add("lua", kind .. " call", function(...) return handle(...) end)
  add("lua", kind .. " metatable", function(x) return setmetatable(handle, x) end)
  add("lua", kind .. " field", function(x, y) return rawset(handle, x, y) end)
end
add("lua", "group.join", function(limit) local x, y = group:join(limit) return x, y end)
table.sort(targets, function(x, y) return x[1] < y[1] end)

for _ = 1, param("rounds", 6) do
  for _, target in ipairs(targets) do
    local arguments = table.pack()
    arguments.n = math.random(0, 4)
    for i = 1, arguments.n do
      arguments[i] = values[math.random(0, #values)]
      if target[1]:find "^lua table" or target[1] == "lua rawset" then -- these would change the junk, and the group
        arguments[i] = type(arguments[i]) == "table" and {} or arguments[i]
      end
    end
    local done
    local try = spawn("try", function()
      local results = table.pack(pcall(function()
        local x, y, z = target[2](table.unpack(arguments, 1, arguments.n))
        return x, y, z
      end))
      done = true
      local why = results[2]
      if not results[1] then
        print("thrown", target[1], type(why), why)
      elseif why == nil and type(results[3]) == "string" then
        print("failed", target[1], results[3], results[4] or results[3])
      end
    end)
    sleep(0)
    if not done then sleep(0.002) end
    try:stop()
  end
end
print("over", #targets)
actor:stop()
group:stop()
"""


@pytest.mark.parametrize("seed", range(3))
def test_wrong_arguments(play, seed):
    result = play(SCENE, "--seed", seed, "--view", "none")
    # An expect(…) of junk may fail; a rule of the wire may ask a function of the junk, whose error is then the scene's.
    assert result.status in (0, 1) or result.of("error"), result
    assert all(re.search(r"lua:\d+: (decided|inner)$|nothing may wait", e["message"]) for e in result.of("error")), result
    said = [event["text"].split("\t", 3) for event in result.of("print")]
    over = [words for words in said if words[0] == "over"]
    assert len(over) == 1 and int(over[0][1]) > 150, result
    thrown = [words[1:] for words in said if words[0] == "thrown"]
    assert len(thrown) > 500
    for target, kind, why in thrown:
        assert "[engine]" not in why, (target, why)
        if target.startswith("api "):
            assert kind == "string" and re.match(r"scene-1\.lua:\d+: .", why), (target, why)
            assert "'?'" not in why and "number 1" not in why, (target, why)
    for target, code, sentence in [words[1:] for words in said if words[0] == "failed"]:
        assert code and sentence, target


def test_sleepers_of_the_fuzz_do_not_hold_the_scene(play):
    """A scene in which junk was called still ends by itself."""
    result = play(SCENE, "--set", "rounds=1", "--view", "none")
    assert result.one("end")["reason"] == "finished", result
