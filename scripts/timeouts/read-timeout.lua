-- Seen: connect takes a round trip, it is the read that waits; and the answer that comes too late meets RST.
title { ko = "연결 타임아웃은 읽기 타임아웃이 아니다", en = "A connect timeout is not a read timeout" }

local server, client = host "server", host "client"
link(client, server, { delay = "20ms" })
local outcome
server:listen(8080, function(conn)
  conn:receive "line"
  sleep "2s" -- a slow query, say
  conn:send "answer\n"
  sleep "100ms"
  outcome = select(2, conn:send "more\n")
end)

local began = now()
local conn = client:connect(server, 8080, { timeout = "1s" })
expect(now() - began < 0.5, { ko = "연결은 왕복 한 번으로 끝났다", en = "connected, after one round trip" })

cue { ko = "답은 2초 뒤에 온다. 1초만 기다리면?", en = "The answer takes two seconds. What if one waits for one?" }
conn:timeout "1s"
conn:send "query\n"
began = now()
local answer, code = conn:receive "line"
expect(answer == nil and code == "timeout" and now() - began < 1.5,
  { ko = "포기한 것은 읽는 쪽이다", en = "it is the reader who gives up" })
conn:close()

cue { ko = "늦은 답은 어떻게 될까?", en = "And the late answer?" }
expect(function() return #packets { from = client, flags = "R" } > 0 end,
  { ko = "RST를 만난다", en = "it meets RST" }, { within = "5s" })
expect(function() return outcome == "EPIPE" end,
  { ko = "서버는 다음 send에서야 안다: EPIPE", en = "the server learns of it at its next send: EPIPE" })
