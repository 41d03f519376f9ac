-- What RST does to the calls of the other end: one failure that names it, then the end.
local server, client = host "server", host "client"
local listener = server:listen(80)
local function pair() return client:connect(server, 80), listener:accept() end

local near, far = pair()
near:abort()
local text, code = far:recv()
expect(text == nil and code == "ECONNRESET", "recv is told once")
text, code = far:send "x"
expect(text == nil and code == "EPIPE", "and cannot send")
expect(far:state() == "CLOSE", "its state")

near, far = pair()
near:abort()
expect(function() return far:state() == "CLOSE" end, "the RST has arrived")
text, code = far:send "x"
expect(text == nil and code == "ECONNRESET", "send is told as well")
text, code = far:send "x"
expect(text == nil and code == "EPIPE", "then it is a broken pipe")

near, far = pair()
far:close()
expect(near:receive "all" == "", "FIN is no failure")
expect(near:send "x" == 1, "the first send after it is taken")
expect(function() return near:state() == "CLOSE" end, "and answered with RST")
text, code = near:send "x"
expect(text == nil and code == "EPIPE", "the second one is told")
local resets = packets { flags = "R" }
expect(#resets == 3, "one RST each")
