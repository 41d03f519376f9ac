-- require by a link that leads out of the scene's folder finds nothing.
-- Ends with status 2: require "parts.outside": parts/outside.lua leads out of the scene's folder: only files beside the scene are read
local outside = require "parts.outside"
