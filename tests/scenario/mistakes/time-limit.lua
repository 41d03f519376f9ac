-- A scene that takes longer than it allows itself fails.
-- Ends with status 1: the scene's time_limit of 0.3 s is over: main waits in sleep at time-limit.lua:5
scene { time_limit = "300ms" }
local a = host "a"
sleep "1h"
