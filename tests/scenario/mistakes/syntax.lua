-- Text that is no Lua.
-- Ends with status 2: syntax.lua:3: unexpected symbol near 'then'
if then
