-- A knob that the scene does not have.
-- Run with: --set backlog=5
-- Ends with status 2: --set backlog: the scene has no such param; it has limit
local limit = param("limit", 1)
