-- Seen: SYNs that nobody answers, one after another, until the kernel gives up, or the program does.
title { ko = "connect 타임아웃은 어떻게 만들까?", en = "How can a connect timeout be made?" }

local retries = param("retries", 1) -- tcp_syn_retries; the kernel's own is 6, and takes 127 s
scene { time_limit = "3m" }
local server, client = host "server", host("client", { sysctl = { tcp_syn_retries = retries } })
local wire = link(client, server, { delay = "20ms" })
wire:drop { to = server } -- silence

cue({ ko = "SYN에 답이 없다. tcp_syn_retries=%d. 커널은 언제 포기할까?",
  en = "No answer to SYN, with tcp_syn_retries=%d. When does the kernel give up?" }, retries)
local began = now()
local conn, code = client:connect(server, 8080)
local took, times = now() - began, {}
for i, syn in ipairs(packets { flags = "S" }) do times[i] = ("%.0f"):format(syn.time - began) end
say({ ko = "SYN은 %s초에, 포기는 %.0f초에.", en = "SYN at %s s; given up at %.0f s." }, table.concat(times, ", "), took)
expect(conn == nil and code == "ETIMEDOUT" and #times > retries,
  { ko = "ETIMEDOUT: 답이 없었다", en = "ETIMEDOUT: no answer came" })
local wanted = 2 ^ (retries + 1) - 1 -- 1 + 2 + 4 …, though newer kernels send the first SYNs more often
expect(took > wanted - 0.5 and took < wanted + 3,
  { ko = "1초, 3초, 7초, 15초, … 127초", en = "1 s, 3 s, 7 s, 15 s, … 127 s" })

cue { ko = "프로그램이 1.5초만 기다리겠다고 하면?", en = "And a program that waits for 1.5 s only?" }
began = now()
conn, code = client:connect(server, 8080, { timeout = "1.5s" })
expect(conn == nil and code == "timeout" and now() - began < 2.5,
  { ko = "포기한 것은 프로그램이다", en = "it is the program that gave up" })
