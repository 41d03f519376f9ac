-- Seen: before listen a SYN is answered by RST; afterwards each connect comes from another port.
title { ko = "서버가 먼저다", en = "The server first" }

local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })

cue { ko = "서버는 아직 아무것도 하지 않았다. connect하면?", en = "The server has done nothing yet. What will connect say?" }
local began = now()
local none, code = client:connect(server, 8080)
expect(none == nil and code == "ECONNREFUSED", { ko = "거절당했다", en = "refused" })
expect(now() - began < 1, { ko = "기다리지 않고 바로: 왕복 한 번", en = "at once: after one round trip" })
expect(packets { from = server }[1].flags == "RA", { ko = "대답은 RST였다", en = "the answer was RST" })

cue { ko = "이제 listen한다. 클라이언트가 셋이면 포트 번호는?", en = "Now it listens. Three clients: which ports will they have?" }
server:listen(8080, function(conn) conn:receive "all" end)
local ports = {}
for i = 1, 3 do
  local conn = client:connect(server, 8080)
  ports[i] = select(2, conn:local_address())
end
say({ ko = "서버 쪽은 셋 다 8080, 클라이언트 쪽은 %d, %d, %d.", en = "8080 on the server, three times; on the client %d, %d, %d." },
  table.unpack(ports))
local low, high = client:sysctl("ip_local_port_range"):match "(%d+)%s+(%d+)"
expect(math.min(table.unpack(ports)) >= tonumber(low) and math.max(table.unpack(ports)) <= tonumber(high),
  { ko = "임시 포트: 커널이 범위 안에서 고른다", en = "ephemeral ports: the kernel chooses them from a range" })
expect(ports[1] ~= ports[2] and ports[2] ~= ports[3] and ports[1] ~= ports[3],
  { ko = "모두 다르다. 그래서 서버가 연결을 구별한다", en = "all differ: so the server can tell the connections apart" })
