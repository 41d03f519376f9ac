-- A check that fails does not stop the scene.
-- Ends with status 1: failed-check.lua:5: failed: two of them
-- Checks: 2
local a = host "a"
expect(#{ 1 } == 2, "two of them")
expect(true, "the scene goes on")
