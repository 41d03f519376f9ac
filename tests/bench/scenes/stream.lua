-- A stream through one link without delay: how much payload a second.
title "A stream"
local mib = param("mib", 64)
local server, client = host "server", host "client"
link(client, server, { delay = 0 })

local listener = server:listen(8080)
local far = client:connect(server, 8080)
local near = listener:accept()
local block = bytes(256 * 1024)

spawn("sender", function()
  for _ = 1, mib * 4 do near:send(block) end
  near:close()
end)

local got, began = 0, now()
while true do
  local data = far:recv(256 * 1024)
  if not data then break end
  got = got + #data
end
print(("%d %.9f"):format(got, now() - began))
