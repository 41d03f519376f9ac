-- Each connection of a listener with a handler is an actor of its own; its connection closes when the handler returns.
local server, client = host "server", host "client"
local kept
server:listen(80, function(conn)
  local line = conn:receive "line"
  conn:send(line .. "!\n")
  kept = conn
end)
server:listen(81, function(conn) conn:close() end)
local first, second = client:connect(server, 80), client:connect(server, 80)
second:send "second\n"
expect(second:receive "line" == "second!", "the second is served while the first says nothing")
local text, code = second:receive "line"
expect(text == nil and code == "closed", "returning closes it")
local ok, why = pcall(function() kept:send "x" end)
expect(not ok and why:find("this connection was closed before", 1, true), "for whoever kept it, too")
first:send "first\n"
expect(first:receive "line" == "first!", "the first one's turn")
expect(client:connect(server, 81):receive "all" == "", "closing by hand and by returning go together")
settle()
local function first_time(note) return note ~= "retransmission" end -- a late stage makes the kernel repeat
expect(packets.count { from = server, flags = "F", note = first_time } == 3, "a FIN for each that was served")
