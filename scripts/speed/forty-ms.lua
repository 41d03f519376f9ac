-- Seen: write, write, read: the second write waits for an ACK that the other side delays by 40 ms.
title { ko = "40 ms 유령", en = "The 40 ms ghost" }

local nodelay = param("nodelay", false)
local client, server = host "client", host "server"
server:listen(8080, function(conn)
  repeat
    local header, body = conn:receive "line", conn:receive "line"
    if body then conn:send "ok\n" end
  until not header
end)

local conn = client:connect(server, 8080, { nodelay = nodelay or nil })
local function call()
  local began = now()
  conn:send "header\n" -- goes at once
  conn:send "body\n" -- Nagle: a small segment waits while another is not acknowledged
  conn:receive "line"
  return now() - began
end

cue({ ko = "write, write, read. TCP_NODELAY: %s. 왕복 2 ms에 얼마나 걸릴까?",
  en = "write, write, read. TCP_NODELAY: %s. How long, with a round trip of 2 ms?" }, nodelay)
for _ = 1, 4 do call() end -- at first, and after a rest, ACKs are not delayed
local took = (call() + call() + call()) / 3
conn:close()
say({ ko = "한 번에 %.1f ms.", en = "%.1f ms a call." }, took * 1000)
expect((took > 0.035) == not nodelay,
  { ko = "Nagle과 지연 ACK가 서로를 기다린다. TCP_NODELAY면 사라진다",
    en = "Nagle and delayed ACK wait for each other; TCP_NODELAY ends it" })
