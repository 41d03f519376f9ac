-- Seen: three sends, two packets, one recv that returns "onetwothree"; a newline between them gives the messages back.
title { ko = "TCP에는 메시지가 없다", en = "TCP has no messages" }

local framing = param("framing", "none", { "none", "newline" })
local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local listener = server:listen(8080)
local near = client:connect(server, 8080)
local far = listener:accept()

say { ko = "클라이언트가 send를 세 번 부른다: one, two, three.", en = "The client calls send three times: one, two, three." }
for _, word in ipairs { "one", "two", "three" } do
  near:send(framing == "newline" and word .. "\n" or word)
end
near:shutdown "send"
settle()

cue { ko = "recv를 한 번 부르면 무엇이 나올까?", en = "What will a single recv return?" }
local first = framing == "newline" and far:receive "line" or far:recv()
local rest = far:receive "all"
expect(#packets { from = client, data = true } == 2,
  { ko = "send 셋이 패킷 둘: 첫 것이 가는 동안 나머지가 모인다",
    en = "three sends, two packets: while the first is under way, the others gather" })
expect(first == (framing == "newline" and "one" or "onetwothree"),
  { ko = "경계는 애플리케이션이 만든 것뿐이다", en = "the only borders are those that the application makes" })
expect(rest == (framing == "newline" and "two\nthree\n" or ""),
  { ko = "바이트는 하나도 잃지 않았다", en = "and no byte is lost" })
