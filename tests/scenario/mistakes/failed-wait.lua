-- A check that never becomes true within its limit fails; one given to an actor fails the scene all the same.
-- Ends with status 1: failed-wait.lua:6: failed: patience
-- Checks: 1
local a = host "a"
spawn("other", function()
  expect(function() return false end, "patience", { within = "30ms" })
end)
