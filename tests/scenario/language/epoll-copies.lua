-- epoll and dup: the kernel forgets a socket when its last descriptor is closed, not before.
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
local copy = far:dup()
local loop = server:epoll()
loop:add(far)
expect(loop:add(copy), "the copy is another descriptor, so both may be in it")
near:send "x"
local ready = loop:wait "5s"
expect(#ready == 2 and ready[far] == "read" and ready[copy] == "read", "each is told")
loop:remove(copy)
far:close()
ready = loop:wait "5s"
expect(#ready == 1 and ready[1] == far, "closed, and told all the same: the copy keeps the connection open")
expect(not pcall(loop.remove, loop, far), "and it cannot be taken out any more")
far, ready = nil, nil
for _ = 1, 100 do bytes "64KiB" end
expect(#loop:wait(0) == 1, "whoever else has forgotten it")
copy:close()
expect(#loop:wait(0) == 0, "the last descriptor is closed")

-- A socket that was closed while it was watched says nothing, though bytes had come.
near = client:connect(server, 80)
far = listener:accept()
loop:add(far)
near:send "x"
settle()
far:close()
expect(#loop:wait(0) == 0, "gone from the epoll by itself")

-- Many come and go without being taken out.
for i = 1, 300 do
  local a = client:connect(server, 80)
  local b = listener:accept()
  loop:add(b)
  a:close()
  if #loop:wait "5s" ~= 1 then error("round " .. i) end
  b:close()
end
expect(#loop:wait(0) == 0, "and none is left")
