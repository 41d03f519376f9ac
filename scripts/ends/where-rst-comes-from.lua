-- Seen: four causes of RST; the other end reads "closed" after FIN, ECONNRESET after RST.
title { ko = "RST는 어디서 오는가", en = "Where RST comes from" }

local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local listener = server:listen(8080)
local function pair() return client:connect(server, 8080), listener:accept() end
local function resets() return #packets { flags = "R" } end

cue { ko = "1. 아무도 듣지 않는 포트", en = "1. A port where nobody listens" }
local _, code = client:connect(server, 9999)
expect(code == "ECONNREFUSED" and resets() == 1,
  { ko = "SYN의 답이 RST: ECONNREFUSED", en = "RST answers the SYN: ECONNREFUSED" })

cue { ko = "2. SO_LINGER 0으로 닫기", en = "2. close with SO_LINGER 0" }
local near, far = pair()
near:set("linger", 0)
near:close()
_, code = far:recv()
expect(code == "ECONNRESET" and resets() == 2,
  { ko = "FIN 대신 RST: ECONNRESET", en = "RST in place of FIN: ECONNRESET" })

cue { ko = "3. 읽지 않은 데이터를 두고 닫기", en = "3. close with bytes unread" }
near, far = pair()
far:send "read me\n"
settle()
near:close()
_, code = far:recv()
expect(code == "ECONNRESET" and resets() == 3,
  { ko = "읽지 않은 것이 있으면 close도 RST를 보낸다", en = "with bytes unread close sends RST too" })

cue { ko = "4. 이미 닫은 상대에게 쓰기", en = "4. Writing to a peer that has closed" }
near, far = pair()
near:close()
_, code = far:recv()
expect(code == "closed", { ko = "FIN은 0바이트: 정상적인 끝", en = "FIN is read as 0 bytes: a proper end" })
far:send "anybody there?\n"
expect(function() return #packets { flags = "R", fate = "delivered" } == 4 end,
  { ko = "이 데이터의 답이 RST", en = "RST answers these bytes" })
