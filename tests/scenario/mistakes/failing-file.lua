-- An error in a file that the scene requires.
-- Ends with status 2: parts/failing.lua:2: no good
local failing = require "parts.failing"
