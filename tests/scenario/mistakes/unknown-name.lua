-- A name that is not there ends the scene, with the line and a guess.
-- Ends with status 2: unknown-name.lua:4: unknown name `pakets` (did you mean packets?)
-- Checks: 0
local a = pakets {}
