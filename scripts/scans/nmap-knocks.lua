-- Seen: open, closed, filtered; -sT completes the handshake and the server accepts, -sS does not: it sees nothing.
title { ko = "nmap이 문을 두드린다", en = "nmap knocks" }
scene { needs = { "nmap" }, tags = { "nmap", "scan" } }
local how = param("how", "-sT", { "-sT", "-sS" })

local target, scanner = host "target", host "scanner"
local wire = link(scanner, target, { delay = "5ms" })
wire:drop { to = target, port = 443 } -- a firewall that says nothing
local accepted = 0
target:listen(22, function(conn)
  accepted = accepted + 1
  conn:recv() -- until nmap has enough
end)

local function knock(port)
  local report = scanner:run("nmap", how, "-n", "-Pn", "--max-retries", 1, "-p", port, target).stdout
  local state = report:match(port .. "/tcp%s+(%S+)") or "?"
  say({ ko = "nmap: %d번 포트는 %s", en = "nmap: port %d is %s" }, port, state)
  return state
end

cue { ko = "열린 포트: 어떤 패킷이 오갈까?", en = "An open port: which packets go back and forth?" }
expect(knock(22) == "open", { ko = "SYN+ACK가 오면 열린 것", en = "SYN+ACK: it is open" })
settle()
expect(accepted == (how == "-sT" and 1 or 0),
  how == "-sT" and { ko = "서버는 연결을 받았다", en = "the server has accepted it" }
    or { ko = "서버는 아무것도 보지 못했다", en = "the server has seen nothing" })
local resets = packets { from = scanner, port = 22, flags = "R" }
expect(#resets == 1, { ko = "nmap은 RST로 끝낸다", en = "nmap ends it with RST" })
expect(#packets { from = scanner, port = 22 } == (how == "-sT" and 3 or 2),
  how == "-sT" and { ko = "핸드셰이크를 마친 뒤에", en = "once the handshake is complete" }
    or { ko = "핸드셰이크를 마치지 않고", en = "and never completes the handshake" })

cue { ko = "아무도 듣지 않는 포트라면?", en = "And a port where nobody listens?" }
expect(knock(80) == "closed", { ko = "RST가 오면 닫힌 것", en = "RST: it is closed" })

cue { ko = "방화벽이 버린다면?", en = "And if a firewall drops it?" }
expect(knock(443) == "filtered", { ko = "아무것도 오지 않으면 걸러진 것", en = "silence: it is filtered" })
expect(#packets { from = scanner, port = 443, flags = "S" } > 0 and #packets { from = target, port = 443 } == 0,
  { ko = "두드렸지만 아무도 대답하지 않았다", en = "it has knocked, and nobody has answered" })
