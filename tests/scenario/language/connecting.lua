-- connect: from a chosen port, and its outcomes: refused, a port in use.
local server, client = host "server", host "client"
server:listen(80)
local conn = client:connect(server, 80, { from_port = 5555, timeout = "5s" })
expect(select(2, conn:local_address()) == 5555, "the port that was asked for")
expect(conn:peer_address() == server.address, "the other end")
expect(conn:state() == "ESTABLISHED", "connected")
expect(packets { flags = "S" }[1].from_port == 5555, "on the wire too")

local again, code, sentence = client:connect(server, 80, { from_port = 5555 })
expect(again == nil and code == "EADDRINUSE", "the same two ends are connected already")
again, code, sentence = client:connect(server, 9)
expect(again == nil and code == "ECONNREFUSED", "nobody listens")
expect(sentence:find("connect to server:9", 1, true) and sentence:find("RST", 1, true), "said in words")

local before = packets.count { flags = "S" }
local function refuses(text, ...)
  local ok, why = pcall(client.connect, client, ...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("a port is a whole number from 0 to 65535, not 70000", server, 70000)
refuses("a port is a whole number from 0 to 65535, not \"80\"", server, "80")
refuses("unknown option \"port\"", server, 80, { port = 1 })
refuses("\"soon\"", server, 80, { timeout = "soon" })
refuses("a host expected", {}, 80)
expect(packets.count { flags = "S" } == before, "misuse never reaches the wire")
