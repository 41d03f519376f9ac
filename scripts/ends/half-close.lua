-- Seen: after shutdown one can still listen; after close the same answer meets RST.
title { ko = "close와 shutdown", en = "close and shutdown" }

local how = param("how", "shutdown", { "shutdown", "close" })
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
server:listen(8080, function(conn)
  local text = conn:receive "all" -- until FIN: now all of it is there
  conn:send(#text .. " bytes\n")
end)

local conn = client:connect(server, 8080)
conn:send "one two three"
cue({ ko = "클라이언트는 할 말을 다 했다: %s. 답을 받을까?", en = "The client has said everything: %s. Will it get the answer?" }, how)
local answer
if how == "shutdown" then
  conn:shutdown "send"
  answer = conn:receive "line"
end
conn:close()

settle()
expect(packets { from = client, flags = "F" }[1] ~= nil, { ko = "어느 쪽이든 FIN을 보낸다", en = "either way a FIN goes out" })
expect(packets { from = server, data = "13 bytes\n" }[1].fate == "delivered",
  { ko = "서버는 구별하지 못하고 답을 보낸다", en = "the server cannot tell, and sends its answer" })
expect(answer == (how == "shutdown" and "13 bytes" or nil), { ko = "반만 닫았으면 받는다", en = "half closed, it is received" })
expect((#packets { from = client, flags = "R" } > 0) == (how == "close"),
  { ko = "다 닫았으면 RST", en = "closed, it meets RST" })
