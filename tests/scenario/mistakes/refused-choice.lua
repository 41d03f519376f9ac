-- A value that is none of the choices.
-- Run with: --set limit=3
-- Ends with status 2: param limit cannot be 3; it is one of 1, 2
local limit = param("limit", 1, { 1, 2 })
