-- Nobody listens: the answer to SYN is RST with ACK.
title "Connection refused"
local server, client = host "server", host "client"
cue "Before the first packet."

for _ = 1, 2 do
  local conn, code = client:connect(server, 9999)
  expect(conn == nil and code == "ECONNREFUSED", "refused")
end
settle()
local resets = packets { flags = "R" }
expect(#resets == 2 and resets[1].ack == 1 and resets[1].window == 0, "a RST each")
cue "After the last packet."
