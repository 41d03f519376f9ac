-- Everybody waits for what can never come: the scene ends and names who waits for what.
-- Ends with status 2: everybody waits and nothing can happen any more: main waits in accept at stuck.lua:4
local server = host "server"
server:listen(80):accept()
