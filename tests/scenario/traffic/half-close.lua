-- shutdown ends one direction; the other goes on until its own end says FIN.
title "Half a connection"
local server, client = host "server", host "client"
link(client, server, { delay = "10ms" })
cue "Before the first packet."

local listener = server:listen(8080)
local near = client:connect(server, 8080)
local far = listener:accept()
near:send "the question"
near:shutdown "send"
expect(far:receive "all" == "the question", "the end of the question")
expect(far:state() == "CLOSE_WAIT", "one end has heard")
expect(function() return near:state() == "FIN_WAIT2" end, "and said so")
far:send(bytes(4000))
expect(near:receive(4000) == bytes(4000), "an answer after the FIN")
far:close()
expect(near:receive "all" == "", "the end of the answer")
near:close()
settle()
local function first_time(note) return note ~= "retransmission" end -- a late stage makes the kernel repeat
expect(packets.count { flags = "F", note = first_time } == 2, "one FIN each")
cue "After the last packet."
