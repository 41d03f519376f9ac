-- Seen: after shutdown the one who has said everything can still listen; after close the answer meets RST.
title { ko = "close와 shutdown", en = "close and shutdown" }

local how = param("how", "shutdown", { "shutdown", "close" })
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
server:listen(8080, function(conn)
  local text = conn:receive "all" -- until FIN: only now all the words are there
  conn:send(#text .. " bytes\n")
end)

local conn = client:connect(server, 8080)
conn:send "one two three"
cue({ ko = "클라이언트는 할 말을 다 했다: %s. 답을 받을 수 있을까?", en = "The client has said everything: %s. Can it get the answer?" }, how)
local answer
if how == "shutdown" then
  conn:shutdown "send"
  answer = conn:receive "line"
end
conn:close()

settle()
expect(packets { from = client, flags = "F" }[1] ~= nil, { ko = "둘 다 같은 FIN을 보낸다", en = "both send the same FIN" })
expect(packets { from = server, data = "13 bytes\n" }[1].fate == "delivered", { ko = "서버에게는 차이가 없다: 답을 보낸다", en = "the server cannot tell: it sends its answer" })
expect(answer == (how == "shutdown" and "13 bytes" or nil), { ko = "반만 닫으면 받을 수 있다", en = "half closed, it is received" })
expect((#packets { from = client, flags = "R" } > 0) == (how == "close"), { ko = "완전히 닫으면 RST", en = "closed, it meets RST" })
