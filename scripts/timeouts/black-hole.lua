-- Seen: small answers pass, the large one vanishes and hangs; told by ICMP, TCP sends smaller segments.
title { ko = "Path MTU 블랙홀", en = "The path MTU black hole" }

local icmp = param("icmp", false) -- whether the one in the middle says "fragmentation needed"
local server, client = host "server", host "client"
link(client, server, { delay = "20ms", [icmp and "path_mtu" or "black_hole"] = 1400 })
server:http(8080, { ["/small"] = "hello\n", ["/large"] = bytes(20000) })

cue { ko = "중간의 터널은 1400바이트까지만 통과시킨다. GET /small은?",
  en = "A tunnel in the middle passes 1400 bytes at most. GET /small?" }
expect(client:get("http://server:8080/small").body == "hello\n", { ko = "문제없다", en = "no problem" })

cue { ko = "GET /large는?", en = "GET /large?" }
local answer, code = client:get("http://server:8080/large", { timeout = "2s" })
say(answer and { ko = "20000바이트를 받았다.", en = "20,000 bytes came." }
  or { ko = "연결은 되었는데 아무것도 오지 않는다.", en = "It is connected, and nothing comes." })
expect((answer ~= nil) == icmp and (answer or code == "timeout"),
  { ko = "ICMP가 막혀 있으면 아무도 알려 주지 않는다", en = "without ICMP nobody tells" })
expect((#packets { from = server, min_len = 1000, fate = "delivered" } > 0) == icmp,
  { ko = "ICMP를 받으면 세그먼트를 줄인다", en = "told by ICMP, TCP sends smaller segments" })
