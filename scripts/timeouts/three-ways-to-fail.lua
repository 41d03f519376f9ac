-- Seen: refused comes at once, by RST; silence lasts until the kernel gives up; a reset comes later.
title { ko = "실패하는 세 가지 방법", en = "Three ways to fail" }

local server, client = host "server", host("client", { sysctl = { tcp_syn_retries = 1 } })
local wire = link(client, server, { delay = "20ms" })
wire:drop { to_port = 9999 } -- a firewall that says nothing
server:listen(8080, function(conn)
  conn:receive "line"
  conn:abort()
end)

local function try(port)
  local began, text = now(), nil
  local conn, code = client:connect(server, port)
  if conn then
    conn:send "hello\n"
    text, code = conn:receive "line"
  end
  say({ ko = "%s, %.2f초 만에.", en = "%s, after %.2f s." }, code or text, now() - began)
  return code, now() - began
end

cue { ko = "아무도 듣지 않는 포트라면?", en = "A port where nobody listens?" }
local code, took = try(7777)
expect(code == "ECONNREFUSED" and took < 0.5, { ko = "거절: 바로, RST로", en = "refused: at once, by RST" })

cue { ko = "방화벽이 패킷을 버린다면?", en = "A firewall that drops?" }
code, took = try(9999)
expect(code == "ETIMEDOUT" and took > 1, { ko = "침묵: 커널이 포기할 때까지", en = "silence: until the kernel gives up" })

cue { ko = "연결된 뒤에 끊긴다면?", en = "And a connection that is reset later?" }
code, took = try(8080)
expect(code == "ECONNRESET" and took < 0.5, { ko = "끊김: 연결된 뒤의 RST", en = "reset: RST behind the handshake" })
