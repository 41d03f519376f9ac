-- Seen: SYNs from nobody fill the server; without cookies a real client gets no answer, with cookies it connects.
title { ko = "SYN flood와 쿠키", en = "SYN flood and cookies" }

local cookies = param("cookies", 0, { 0, 1 })
local server = host("server", { sysctl = { tcp_syncookies = cookies, tcp_max_syn_backlog = 8 } })
local client = host "client"
local wire = link(client, server, { delay = "20ms" })
local listener = server:listen(8080, { backlog = 8 })

cue({ ko = "없는 주소에서 SYN 50개가 온다. tcp_syncookies=%d. 진짜 클라이언트는 연결될까?",
  en = "50 SYNs come from addresses that do not exist. tcp_syncookies=%d. Will a real client connect?" }, cookies)
for i = 1, 50 do
  wire:inject { from = "10.1.200." .. i, to = server, from_port = 1000 + i, to_port = 8080, flags = "S" }
end
sleep "200ms"
local half_open = server:count "SYN_RECV"
say({ ko = "SYN_RECV %d개: 서버가 ACK를 기다리며 기억하는 것들.",
  en = "%d in SYN_RECV: those that the server remembers, waiting for an ACK." },
  half_open)
expect(half_open > 0 and half_open < 50, { ko = "기억할 자리는 모자란다", en = "there is no room for all of them" })

local conn, code = client:connect(server, 8080, { timeout = "2.5s" })
expect((conn ~= nil) == (cookies == 1) and (conn or code == "timeout"),
  { ko = "쿠키가 없으면 진짜 SYN도 버려진다", en = "without cookies the real SYN is dropped, too" })
if conn then listener:accept():send "hello\n" end
expect(server:counters().TcpExtSyncookiesRecv == cookies,
  { ko = "쿠키가 있으면 기억하지 않아도 ACK에서 연결을 되살린다", en = "with cookies nothing is remembered: the ACK brings it all back" })
