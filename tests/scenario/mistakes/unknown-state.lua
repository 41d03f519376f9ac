-- A state that the kernel does not have must not look like "there is none in it".
-- Ends with status 2: unknown-state.lua:5: sockets: there is no state "TIMEWAIT"
title "A state that is none"
local server = host "server"
expect(#server:sockets { state = "TIMEWAIT" } == 0, "never said")
