-- Seen: the same server, two paths: /ping is answered in one packet, /long in four.
title { ko = "/ping과 /long", en = "/ping and /long" }

local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
server:http(8080, { ["/ping"] = "pong\n", ["/long"] = bytes(5000) })

local function packets_of(path)
  local mark = now()
  local answer = client:get("http://server:8080" .. path)
  return #packets { from = server, data = true, since = mark }, answer
end

cue { ko = "GET /ping: 본문 5바이트. 응답은 패킷 몇 개?", en = "GET /ping: a body of 5 bytes. How many packets answer?" }
local count, answer = packets_of "/ping"
expect(count == 1 and answer.body == "pong\n", { ko = "하나", en = "one" })

cue { ko = "GET /long: 본문 5000바이트. 몇 개?", en = "GET /long: a body of 5000 bytes. How many?" }
count, answer = packets_of "/long"
expect(count == 4 and #answer.body == 5000, { ko = "넷: 헤더도 한 바이트씩 세어진다", en = "four: the headers count too" })
