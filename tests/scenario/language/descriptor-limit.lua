-- A host with few descriptors: the kernel says EMFILE to every call that would make one more.
local server, client = host("server", { descriptors = 6 }), host "client"
local listener = server:listen(80)
local conns = {}
for i = 1, 3 do conns[i] = client:connect(server, 80) end
local first, second = listener:accept(), listener:accept()
expect(listener:fd() == 3 and first:fd() == 4 and second:fd() == 5, "0 to 5 are in use now")

local ok, code, sentence = server:socket "tcp"
expect(ok == nil and code == "EMFILE" and sentence:find "too many open files", "socket")
ok, code = server:socket "udp"
expect(ok == nil and code == "EMFILE", "of any kind")
ok, code = server:epoll()
expect(ok == nil and code == "EMFILE", "an epoll is one more")
ok, code = first:dup()
expect(ok == nil and code == "EMFILE", "dup")
ok, code = server:connect(client, 80)
expect(ok == nil and code == "EMFILE", "connect, which begins with socket")
ok, code = listener:accept()
expect(ok == nil and code == "EMFILE", "accept, at once")
expect(function() return listener:queues() == 1 end, "and the connection stays in the queue")
expect(conns[3]:state() == "ESTABLISHED" and conns[3]:send "hello" == 5, "where its client sees no difference")
listener:nonblocking(true)
local tries = 0
repeat
  ok, code = listener:accept()
  tries = tries + 1
until tries == 1000
expect(code == "EMFILE", "a loop that does nothing about it")
listener:nonblocking(false)

second:close()
local third = listener:accept()
expect(third:fd() == 5 and third:receive(5) == "hello", "one closed: the next is accepted")
expect(client:socket "tcp":fd() == 6, "the other host has no limit")
for _ = 1, 20 do client:socket "udp" end
expect(select(2, server:socket "tcp") == "EMFILE", "nor does it change this one's")
