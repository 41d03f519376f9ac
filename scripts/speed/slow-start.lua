-- Seen: 10 segments, 20, 40: with each round trip more; a second request goes out at once, unless there was a rest.
title { ko = "느린 시작: slow start", en = "Slow start" }

local rest = param("rest", "0s", { "0s", "2s" }) -- between two requests
local server, client = host "server", host "client"
link(client, server, { delay = "50ms" })
server:listen(8080, function(conn)
  for _ in conn:lines() do conn:send(bytes(100 * 1448)) end
end)
local conn = client:connect(server, 8080)

local function ask() -- how many segments left in each round trip, and how long it took
  local began, trips = now(), {}
  conn:send "please\n"
  conn:receive(100 * 1448)
  local took = now() - began
  for _, packet in ipairs(packets { from = server, data = true, since = began }) do
    local trip = 1 + (packet.time - began - 0.05) // 0.1
    while #trips < trip do trips[#trips + 1] = 0 end
    trips[trip] = trips[trip] + 1
  end
  say({ ko = "왕복마다 %s개. %.1f초.", en = "%s in each round trip. %.1f s." }, table.concat(trips, ", "), took)
  return trips[1]
end

cue({ ko = "145 kB를 두 번 받는다. 사이에 %s. 왕복 100 ms마다 패킷은 몇 개씩 나갈까?",
  en = "145 kB, twice, %s between. How many packets leave in each round trip of 100 ms?" }, rest)
local first = ask()
sleep(rest)
local second = ask()
expect(first == 10, { ko = "처음에는 열 개", en = "ten at first" })
expect((second > 2 * first) == (rest == "0s"),
  { ko = "커진 윈도우는 남아 있다가, 쉬면 다시 줄어든다", en = "the window that has grown stays, and shrinks in a rest" })
