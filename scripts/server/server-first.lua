-- Seen: before listen a SYN is answered with RST and connect fails at once; afterwards each connect comes from a port of its own.
title { ko = "서버가 먼저다", en = "The server first" }

local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })

say { ko = "서버는 아직 아무것도 하지 않았다.", en = "The server has done nothing yet." }
local began = now()
local conn, code = client:connect(server, 8080)
expect(conn == nil and code == "ECONNREFUSED", { ko = "거절당했다", en = "refused" })
expect(now() - began < 1, { ko = "기다리지 않고 바로, 한 번의 왕복 뒤에", en = "at once: it took one round trip" })
expect(packets { from = server }[1].flags == "RA", { ko = "대답은 RST다", en = "the answer is RST" })

cue { ko = "이제 서버가 listen한다. 클라이언트가 셋이면 포트는 몇 번일까?", en = "Now the server listens. Three clients: which ports will they have?" }
server:listen(8080, function(peer) peer:receive "all" end)
local ports = {}
for i = 1, 3 do
  conn = client:connect(server, 8080)
  ports[i] = select(2, conn:local_address())
end
say({ ko = "서버는 셋 모두 8080, 클라이언트는 %d, %d, %d.", en = "The server's is 8080 each time, the client's %d, %d, %d." }, table.unpack(ports))
local low, high = client:sysctl("ip_local_port_range"):match "(%d+)%s+(%d+)"
for _, port in ipairs(ports) do
  expect(port >= tonumber(low) and port <= tonumber(high), { ko = "커널이 범위 안에서 고른 임시 포트", en = "an ephemeral port that the kernel chose from its range" })
end
expect(ports[1] ~= ports[2] and ports[2] ~= ports[3] and ports[1] ~= ports[3],
  { ko = "연결마다 다르다. 그래서 서버가 구별할 수 있다", en = "each connection has another one: so the server can tell them apart" })
