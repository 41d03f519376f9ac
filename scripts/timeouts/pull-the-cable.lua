-- Seen: nobody notices a cable that is pulled; who sends tries again and again, keepalive and TCP_USER_TIMEOUT give up.
title { ko = "케이블을 뽑으면", en = "Pull the cable" }

local guard = param("guard", "none", { "none", "keepalive", "user_timeout" })
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "20ms" })
local listener = server:listen(8080)
local near = client:connect(server, 8080)
local far = listener:accept()
if guard == "keepalive" then
  for name, value in pairs { keepidle = 1, keepintvl = 1, keepcnt = 2, keepalive = true } do near:set(name, value) end
elseif guard == "user_timeout" then
  near:set("user_timeout", "2s")
end

cue({ ko = "케이블을 뽑는다. 보호 장치: %s. 누가 알아차릴까?", en = "The cable is pulled. Guard: %s. Who will notice?" }, guard)
wire:cut()
sleep "500ms"
expect(near:state() == "ESTABLISHED" and far:state() == "ESTABLISHED",
  { ko = "아무도 모른다: 둘 다 ESTABLISHED", en = "nobody: both are ESTABLISHED" })

local began = now()
if guard ~= "keepalive" then near:send "are you there?\n" end -- keepalive asks by itself
near:timeout "5s"
local _, code = near:recv()
say({ ko = "%.1f초 뒤: %s.", en = "After %.1f s: %s." }, now() - began, code)
expect(code == (guard == "none" and "timeout" or "ETIMEDOUT"),
  { ko = "보호 장치가 없으면 커널은 아직 포기하지 않았다", en = "without a guard the kernel has not given up yet" })
expect((#packets { from = client, note = "retransmission" } >= 3) == (guard ~= "keepalive"),
  { ko = "데이터가 있으면 점점 드물게 다시 보낸다", en = "data, if there is any, is sent again, less and less often" })
expect(far:state() == "ESTABLISHED", { ko = "저쪽은 여전히 ESTABLISHED", en = "the other end is still ESTABLISHED" })
