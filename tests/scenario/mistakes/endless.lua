-- An actor that computes without an end is stopped, and its line named.
-- Ends with status 2: endless.lua:4: computed for
local a = host "a"
while true do end
