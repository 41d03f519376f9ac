-- Seen: with ten ephemeral ports the eleventh connect fails, and no packet was sent; closed ones stay in TIME_WAIT.
title { ko = "포트가 바닥난다", en = "Running out of ports" }

local tw_reuse = param("tw_reuse", 0, { 0, 1 })
local client = host("client", { sysctl = { ip_local_port_range = "40000 40009", tcp_tw_reuse = tw_reuse } })
local server = host "server"
server:listen(8080, function(conn) conn:receive "all" end)

say { ko = "이 클라이언트의 임시 포트는 40000번부터 40009번까지.", en = "This client has the ephemeral ports 40000 to 40009." }
local conns = {}
for i = 1, 10 do conns[i] = client:connect(server, 8080) end
expect(client:count "ESTABLISHED" == 10, { ko = "열 개는 연결된다", en = "ten connect" })

cue { ko = "열한 번째는?", en = "And the eleventh?" }
local extra, code = client:connect(server, 8080)
expect(extra == nil and code == "EADDRNOTAVAIL",
  { ko = "EADDRNOTAVAIL: 남은 포트가 없다", en = "EADDRNOTAVAIL: no port is left" })
expect(#packets { flags = "S" } == 10, { ko = "SYN은 나가지도 않았다", en = "not even a SYN went out" })

cue { ko = "모두 닫으면 포트가 돌아올까?", en = "If all are closed, are the ports free again?" }
for _, conn in ipairs(conns) do conn:close() end
expect(function() return client:count "TIME_WAIT" == 10 end,
  { ko = "먼저 닫은 쪽에 TIME_WAIT 열 개", en = "ten TIME_WAIT, on the side that closed first" })
sleep "1.5s" -- one that is a second old may be taken over
extra, code = client:connect(server, 8080)
expect((extra ~= nil) == (tw_reuse == 1) and (extra or code == "EADDRNOTAVAIL"),
  { ko = "TIME_WAIT가 포트를 잡고 있다. tcp_tw_reuse=1이면 내준다",
    en = "TIME_WAIT holds the ports; with tcp_tw_reuse=1 it gives them up" })
