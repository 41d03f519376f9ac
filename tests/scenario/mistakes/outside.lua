-- require by a link that leads out of the scene's folder finds nothing.
-- Ends with status 2: require "parts.outside": cannot open parts/outside.lua beside the scene
local outside = require "parts.outside"
