-- A handler that fails: its connection is closed, the listener goes on.
-- Ends with status 2: failed-handler.lua:6: attempt to index a nil value
-- Checks: 3
local server, client = host "server", host "client"
server:listen(80, function(conn)
  if conn:receive "line" == "break" then local nothing; nothing.here = 1 end
  conn:send "fine\n"
end)
local first, second = client:connect(server, 80), client:connect(server, 80)
first:send "break\n"
local text, code = first:receive "line"
expect(text == nil and code == "closed", "closed by the error")
second:send "go on\n"
expect(second:receive "line" == "fine", "others are served")
expect(client:connect(server, 80), "the listener is still there")
