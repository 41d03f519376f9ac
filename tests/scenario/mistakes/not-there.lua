-- require of a file that is not there.
-- Ends with status 2: not-there.lua:3: require "parts.missing": 
local missing = require "parts.missing"
