-- Silence: the kernel sends again and again, then gives up; whoever waits is told ETIMEDOUT.
local server, client = host "server", host "client"
local wire = link(client, server)
local listener = server:listen(80)
local near = client:connect(server, 80, { user_timeout = "300ms" })
local far = listener:accept()
wire:cut()
expect(near:send "hello" == 5, "taken by the kernel")
local data, code, sentence = near:recv()
expect(data == nil and code == "ETIMEDOUT" and sentence:find("gave up", 1, true), "the kernel gave up")
expect(near:state() == "CLOSE" and far:state() == "ESTABLISHED", "the other end knows nothing of it")
expect(packets.count { from = client, note = "retransmission" } >= 1, "it had tried")

near = client:socket "tcp"
near:set("syncnt", 1)
near:set("user_timeout", "300ms")
local ok
ok, code = near:connect(server, 80)
expect(ok == nil and code == "ETIMEDOUT", "so does connect")
