-- A megabyte in one direction: the window opens, segments go out in trains, every byte arrives once and in order.
title "A megabyte, one way"
local SIZE <const> = 1 << 20
local server, client = host "server", host "client"
link(client, server, { delay = "5ms" })
cue "Before the first packet."

local listener = server:listen(8080)
local near = client:connect(server, 8080)
local far = listener:accept()
local sender = client:spawn("sender", function()
  expect(near:send(bytes(SIZE)) == SIZE, "all is taken")
  near:close()
end)
expect(far:receive "all" == bytes(SIZE), "all arrives")
far:close()
sender:join()
expect(packets.count { from = client, data = true } >= SIZE // 1448, "in segments")
settle()
cue "After the last packet."
