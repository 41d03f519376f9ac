-- Used by failing-file.lua.
error "no good"
