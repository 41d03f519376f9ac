-- Used by broken-file.lua.
if then
