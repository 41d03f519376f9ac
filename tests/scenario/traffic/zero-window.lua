-- A receiver that does not read: its window shrinks to nothing, the sender probes, and reading opens it again.
title "Nobody reads"
local SIZE <const> = 400000
local server, client = host "server", host "client"
link(client, server, { delay = "1ms" })
cue "Before the first packet."

local listener = server:listen(8080)
local near = client:connect(server, 8080)
local far = listener:accept()
client:spawn("sender", function()
  near:send(bytes(SIZE))
  near:close()
end)
expect(function() return packets.count { note = "zero window" } > 0 end, "the window closes")
expect(function() return packets.count { note = "window probe" } > 0 end, "the sender asks")
expect(far:receive "all" == bytes(SIZE), "all is there in the end")
far:close()
settle()
expect(packets.count { note = "window update" } > 0, "the window opens")
cue "After the last packet."
