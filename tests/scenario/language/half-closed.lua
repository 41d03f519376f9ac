-- shutdown: one direction ends, the calls of the other go on; sending after the end is EPIPE.
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
near:send "question"
expect(near:shutdown "send" == true, "the client has said all")
local sent, code, sentence, part = near:send "more"
expect(sent == nil and code == "EPIPE" and part == 0, "and can say no more")
expect(sentence:find("broken pipe", 1, true), "in words")
expect(far:receive "all" == "question" and far:state() == "CLOSE_WAIT", "the server sees the end")
expect(far:send "answer" == 6, "and still answers")
expect(near:receive(6) == "answer", "which arrives")
far:shutdown "both"
expect(near:receive "all" == "", "the end of the other direction")
expect(function() return far:state() == "CLOSE" end, "both ends have ended")
near:close()
far:close()

near = client:connect(server, 80)
far = listener:accept()
near:shutdown "receive"
expect(near:receive "all" == "", "nothing is received any more")
expect(near:send "x" == 1 and far:receive(1) == "x", "the other direction goes on")
expect(not pcall(near.shutdown, near, "everything"), "misuse")
near:close()
local ok, why = pcall(near.shutdown, near, "send")
expect(not ok and why:find("was closed before", 1, true), "closed handles are refused")
