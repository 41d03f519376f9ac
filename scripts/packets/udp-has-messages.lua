-- Seen: three sends are three messages; a closed port answers by ICMP; one fragment lost is the whole message lost.
title { ko = "UDP에는 메시지가 있다", en = "UDP has messages" }

local server, client = host "server", host "client"
local wire = link(client, server, { delay = "20ms" })
local far, near = server:udp(5353), client:udp()
near:connect(server, 5353)

cue { ko = "send 세 번: one, two, three. recv 한 번에 무엇이 나올까?",
  en = "Three sends: one, two, three. What will one recv return?" }
for _, word in ipairs { "one", "two", "three" } do near:send(word) end
expect(far:recv() == "one" and far:recv() == "two" and far:recv() == "three",
  { ko = "send 하나가 데이터그램 하나, recv 하나", en = "a send is a datagram is a recv" })

cue { ko = "아무도 없는 포트로 보내면?", en = "And to a port where nobody is?" }
local stray = client:udp()
stray:connect(server, 9999)
expect(stray:send "anybody?" == 8, { ko = "send는 성공한다", en = "send succeeds" })
settle()
expect(select(2, stray:send "hello?") == "ECONNREFUSED",
  { ko = "ICMP가 돌아온 뒤, 다음 호출이 실패한다", en = "ICMP has come back: it is the next call that fails" })

cue { ko = "3000바이트 메시지는 조각 셋으로 간다. 하나가 사라지면?",
  en = "A message of 3000 bytes goes in three fragments. What if one is lost?" }
local rule = wire:drop { from = client, min_len = 1, nth = 2 }
near:send(bytes(3000))
far:timeout "500ms"
expect(far:recv() == nil and rule.hits == 1, { ko = "나머지 둘도 소용이 없다", en = "the other two are of no use" })
