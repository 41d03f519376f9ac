-- Both ends send at once: data and ACKs share the segments of either direction.
title "Both ways at once"
local SIZE <const> = 200000
local left, right = host "left", host "right"
link(left, right, { delay = "2ms" })
cue "Before the first packet."

local listener = right:listen(8080)
local near = left:connect(right, 8080)
local far = listener:accept()
for _, end_ in ipairs { near, far } do
  spawn("sender", function() end_:send(bytes(SIZE)) end)
end
local reader = spawn("reader", function() return far:receive(SIZE) end)
expect(near:receive(SIZE) == bytes(SIZE), "to the left")
expect(reader:join() == bytes(SIZE), "to the right")
near:close()
far:close()
settle()
cue "After the last packet."
