-- require of a file that is no Lua: its own name and line are told.
-- Ends with status 2: parts/broken.lua:2: unexpected symbol near 'then'
local broken = require "parts.broken"
