-- Options of sockets by the kernel's name or a short one, in the kernel's units; dup shares one socket.
local server, client = host "server", host "client"
local listener = server:listen(80, { reuseaddr = true, TCP_DEFER_ACCEPT = 0 })
expect(listener:get "SO_REUSEADDR" == true and listener:get "acceptconn" == true, "given to listen")
local near = client:connect(server, 80, { nodelay = true, ttl = 9 })
local far = listener:accept()
expect(near:get "TCP_NODELAY" == true and near:get "nodelay" == true, "given to connect")
expect(far:get "nodelay" == false, "off unless asked")
expect(packets { flags = "S" }[1].ttl == 9, "as the wire shows")
expect(near:set("nodelay", false) == true and near:get "nodelay" == false, "set later")
far:set("keepidle", "2m")
expect(far:get "TCP_KEEPIDLE" == 120, "a time with its unit")
far:set("sndbuf", "8KiB")
expect(far:get "sndbuf" == 16384, "the kernel takes twice what is asked")
expect(near:get "TCP_CONGESTION" == "cubic", "a text")
local ok, code = near:set("congestion", "nonsense")
expect(ok == nil and code == "ENOENT", "what the kernel refuses is a value")
ok, code = near:set("ttl", 300)
expect(ok == nil and code == "EINVAL", "whatever it says")

near:set("cork", true)
near:send "one "
near:send "two"
settle()
local function first_time(note) return note ~= "retransmission" end -- a late stage makes the kernel repeat
expect(packets.count { from = client, data = true, note = first_time } == 1 and far:queues() == 7, "corked until 200 ms are over")

local copy, number = far:dup(), far:fd()
expect(copy:fd() ~= number, "a number of its own")
far:close()
settle()
expect(packets.count { from = server, flags = "F" } == 0, "one of two closed: no FIN")
expect(copy:receive(7) == "one two", "the copy is the same socket")
copy:close()
expect(packets.count { from = server, flags = "F", note = first_time } == 1, "the last one closed: FIN")

near = client:connect(server, 80)
far = listener:accept()
far:nonblocking(true)
local text
text, code = far:recv()
expect(text == nil and code == "EAGAIN", "non-blocking: nothing there")
near:send "x"
local turns = 0
repeat
  text, code = far:recv()
  turns = turns + 1
until text
expect(text == "x" and turns < 1000000, "a loop that never waits gives way")
far:nonblocking(false)
far:timeout "10ms"
text, code = far:recv()
expect(text == nil and code == "timeout", "blocking again")
near:nonblocking(true)
local taken = near:send(bytes(4000000))
expect(taken > 0 and taken < 4000000, "what one send takes")
expect(not pcall(near.set, near, "nonsense", 1) and not pcall(near.set, near, "nodelay", "yes"), "misuse")
expect(not pcall(near.set, near, "SO_ERROR", 1), "some can only be read")
