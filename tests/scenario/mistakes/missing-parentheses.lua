-- A call without parentheses takes only the text behind it.
-- Ends with status 2: write say("a" .. b) instead of say "a" .. b
local a = say "one" .. "two"
