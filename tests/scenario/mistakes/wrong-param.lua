-- A value that is no number for a knob that is one.
-- Run with: --set limit=many
-- Ends with status 2: --set limit=many: a number is wanted
local limit = param("limit", 1)
