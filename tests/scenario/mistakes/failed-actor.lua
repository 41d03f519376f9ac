-- An error in an actor fails the scene, but ends this actor alone; join gives nil.
-- Ends with status 2: failed-actor.lua:7: it broke
-- Checks: 2
local a = host "a"
local actor = spawn("broken", function()
  sleep "1ms"
  error "it broke"
end)
expect(actor:join() == nil, "no result")
local results = spawn("both", 2, function(i) return i == 1 and "fine" or error("one of two", 0) end):join()
expect(results[1] == "fine" and results[2] == false, "false for the one that broke")
