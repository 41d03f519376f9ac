-- Descriptors as each host numbers them: from 3, the lowest free one first.
local server, client = host "server", host "client"
local listener = server:listen(80)
expect(listener:fd() == 3, "0, 1 and 2 are taken")
local conns, peers = {}, {}
for i = 1, 3 do
  conns[i], peers[i] = client:connect(server, 80), listener:accept()
  expect(conns[i]:fd() == 2 + i and peers[i]:fd() == 3 + i, "one after the other, each host by itself")
end
conns[1]:close()
conns[2]:close()
local next = client:connect(server, 80)
expect(next:fd() == 3, "the lowest free one")
expect(client:connect(server, 9) == nil, "refused: its socket is closed again")
expect(client:connect(server, 80):fd() == 4, "so its number is free")
expect(tostring(next) == "socket 3 of client", "as it calls itself")
