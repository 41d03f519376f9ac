-- spawn and join: what came of an actor, or of several that do the same.
-- Checks: 21
local here = host "here"
local one = spawn("one", function() return "result", "and more" end)
expect(one:join() == "result" and one:join() == "result", "what its function returned first, as often as asked")
expect(spawn("nothing", function() end):join() == nil, "nothing")

local group = spawn("several", 4, function(i)
  sleep((5 - i) / 500)
  if i ~= 3 then return i * i end
end)
local results = group:join()
expect(#results == 4, "a list")
expect(results[1] == 1 and results[2] == 4 and results[4] == 16, "in order of their numbers")
expect(results[3] == false, "false where there was nothing")
expect(#spawn("none", 0, function() end):join() == 0, "none at all")

local slow = spawn("slow", function()
  sleep "60ms"
  return "at last"
end)
local began = now()
local result, code = slow:join "10ms"
expect(result == nil and code == "timeout" and now() - began >= 0.01, "join has a limit")
expect(slow:join() == "at last", "and can be tried again")
group = spawn("two", 2, function() sleep "1h" end)
result, code = group:join "10ms"
expect(result == nil and code == "timeout", "a group's limit")
group:stop()

local closed, went_on = false, false
local stopped = here:spawn("stopped", function()
  local guard <close> = setmetatable({}, { __close = function() closed = true end })
  pcall(sleep, "1h")
  went_on = true
end)
sleep "5ms"
stopped:stop()
stopped:stop()
expect(not closed, "stop() itself runs nothing: its turn comes when others wait")
expect(stopped:join() == nil, "a stopped actor has no result")
expect(closed and not went_on, "stop() runs <close>, and pcall does not catch it")
closed = false
do
  local guarded <close> = spawn("guarded", function()
    local guard <close> = setmetatable({}, { __close = function() closed = true end })
    sleep "1h"
  end)
  sleep "5ms"
end
sleep(0)
expect(closed, "<close> stops an actor")
local never = true
spawn("never", function() never = false end):stop()
sleep "5ms"
expect(never, "one that had not begun never does")

local names = {}
for _ = 1, 2 do spawn("twin", function() names[#names + 1] = true end):join() end
expect(#names == 2, "names may come again")
local deep = spawn("outer", function()
  return spawn("inner", function() return "from within" end):join()
end)
expect(deep:join() == "from within", "actors make actors")

local function refuses(text, ...)
  local ok, why = pcall(...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("spawn takes a name, perhaps how many, and a function", spawn, function() end)
refuses("how many is a whole number from 0 to 100000, not -1", spawn, "x", -1, function() end)
refuses("an actor cannot wait for its own end", function()
  local self
  self = spawn("self", function() return select(2, pcall(self.join, self)) end)
  error(self:join(), 0)
end)
refuses("an actor ends itself by return, not by stop()", function()
  local self
  self = spawn("self", function() return select(2, pcall(self.stop, self)) end)
  error(self:join(), 0)
end)
refuses("an actor has no `kill`", function() return one.kill end)
