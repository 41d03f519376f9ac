-- SO_RCVTIMEO and SO_SNDTIMEO: the kernel's own limits end a call with EAGAIN, connect with EINPROGRESS.
local server, client = host "server", host "client"
local listener = server:listen(80, { rcvtimeo = "60ms" })
expect(listener:get "SO_RCVTIMEO" == 0.06 and listener:get "SO_SNDTIMEO" == 0, "in seconds; 0 is no limit")

local function limited(what, least, wanted, fn, ...)
  local began = now()
  local result, code = fn(...)
  local took = now() - began
  expect(result == nil and code == wanted, what)
  expect(took >= least and took < 4, "after the time it was given")
end

limited("accept", 0.06, "EAGAIN", listener.accept, listener)
local near = client:connect(server, 80)
local far = listener:accept()
expect(far:get "rcvtimeo" == 0.06, "an accepted socket has what its listener has")
limited("recv", 0.06, "EAGAIN", far.recv, far)
far:timeout "20ms"
limited("the script's own limit is shorter", 0.02, "timeout", far.recv, far)
far:timeout "10s"
limited("or longer", 0.06, "EAGAIN", far.recv, far)
local copy = far:dup()
copy:set("rcvtimeo", 0.1)
limited("a copy is the same socket", 0.1, "EAGAIN", far.recv, far)
near:send "four"
expect(far:recv() == "four", "in time")

near:set("sndbuf", 4096)
near:set("sndtimeo", "150ms")
local began = now()
local sent = near:send(bytes(1000000)) -- more than both buffers hold
expect(sent > 0 and sent < 1000000, "send tells how many bytes it has taken")
expect(now() - began >= 0.15 and now() - began < 4, "after all its waits together")
local code
repeat sent, code = near:send(bytes(1000000)) until not sent -- the peer may make room for a little more
expect(code == "EAGAIN", "a send that takes nothing")

local datagrams = server:udp(53, { rcvtimeo = "30ms" })
limited("recvfrom", 0.03, "EAGAIN", datagrams.recvfrom, datagrams)

local nobody = client:socket "tcp"
nobody:set("sndtimeo", "50ms")
limited("connect", 0.05, "EINPROGRESS", nobody.connect, nobody, "10.1.77.77", 80)
limited("connect again", 0.05, "EALREADY", nobody.connect, nobody, "10.1.77.77", 80)
nobody:close()
near:abort()
