-- SO_LINGER with a time: close waits until what was sent is acknowledged, or the time is over.
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "20ms" })
local listener = server:listen(80)

local function connection(options)
  local near = client:connect(server, 80, options)
  return near, listener:accept()
end

local near, far = connection { linger = "5s" }
expect(near:get "SO_LINGER" == 5, "in seconds")
near:send(bytes(3000))
local began, number = now(), near:fd()
spawn("other", function()
  expect(client:socket "tcp":fd() == number, "its number is free while it waits")
end)
expect(near:close(), "it returns")
local took = now() - began
expect(took > 0.039 and took < 4, "after the acknowledgment, and no later")
expect(near:state() == "FIN_WAIT2", "then all is acknowledged")
expect(far:receive "all" == bytes(3000), "and the peer has it")
far:close()

near, far = connection()
wire:cut()
near:set("linger", 1)
near:send "lost"
began = now()
expect(near:close(), "close says nothing of it")
took = now() - began
expect(took >= 1 and took < 4, "the time is over")
expect(near:state() == "FIN_WAIT1", "the kernel goes on trying")
wire:mend()
expect(far:receive "all" == "lost", "and has success")
far:close()

near, far = connection { linger = 5 }
near:send "x"
do local soon <close> = near end
expect(near:state() == "FIN_WAIT1", "<close> never waits")
far:close()

near, far = connection { linger = 5 }
local copy = near:dup()
began = now()
near:close()
expect(now() - began < 0.02 and copy:state() == "ESTABLISHED", "nor does a close that is not the last")
far:send "unread"
expect(function() return copy:queues() == 6 end, "unread")
began = now()
copy:close()
expect(now() - began < 0.02 and copy:state() == "CLOSE", "nor where unread bytes make it a RST")

near, far = connection()
near:set("linger", 0)
near:close()
expect(#packets { conn = near, flags = "R" } == 1, "0 is a RST at once")
listener:set("linger", 5)
near, far = connection()
expect(far:get "linger" == 5, "an accepted socket has what its listener has")
far:set("linger", false)
expect(far:get "linger" == false, "off")

-- Over lo, where nothing but the peer's full buffer is in the way.
listener:set("linger", false)
listener:set("rcvbuf", 4096)
near = server:connect("127.0.0.1", 80, { linger = 5, sndbuf = 4096 })
far = listener:accept()
near:nonblocking(true)
for _ = 1, 5 do -- each time a little more may have room
  repeat until not near:send(bytes(100000))
  sleep "20ms"
end
near:nonblocking(false)
local reader = spawn("reader", function()
  sleep "100ms"
  return #far:receive "all"
end)
began = now()
near:close()
took = now() - began
expect(took >= 0.099 and took < 4, "until the reader has read")
expect(reader:join() > 0, "all that there was")
