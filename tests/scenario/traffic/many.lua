-- Several clients on one switch, several connections each: numbers and names keep them apart.
title "Many at once"
local server = host "server"
local clients = { host "anna", host "berta", host "clara" }
cue "Before the first packet."

local served = 0
server:listen(80, function(conn)
  for line in conn:lines() do
    served = served + 1
    conn:send(line:upper() .. "\n")
  end
end)
for _, client in ipairs(clients) do
  client:spawn(client.name, 3, function(i)
    local conn <close> = client:connect(server, 80)
    for turn = 1, 2 do
      conn:send(("%s %d %d\n"):format(client.name, i, turn))
      expect(conn:receive "line" == ("%s %d %d"):format(client.name, i, turn):upper(), "an answer of its own")
    end
  end)
end
expect(function() return served == 18 end, "all were served")
settle()
expect(packets.count { flags = "S" } == 9, "nine connections")
cue "After the last packet."
