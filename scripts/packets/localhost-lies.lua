-- Seen: 20,000 bytes are one frame on lo, three on lo with MTU 1500, fourteen on a real wire.
title { ko = "localhost는 거짓말을 한다", en = "Why localhost lies" }

local server, client = host "server", host "client"
local wire, lo = link(client, server, { delay = "5ms" }), server.lo
server:listen(8080, function(conn) conn:send(bytes(20000)) end)

local function frames(from, address, where)
  local mark = now()
  local conn <close> = from:connect(address, 8080)
  conn:receive "all"
  return #packets { on = where, data = true, since = mark }
end

cue { ko = "서버가 127.0.0.1로 자신에게 20000바이트를 보낸다. 패킷 몇 개?",
  en = "The server sends itself 20,000 bytes, over 127.0.0.1. How many packets?" }
local on_lo = frames(server, "127.0.0.1", lo)

cue { ko = "lo의 MTU를 이더넷처럼 1500으로 낮추면?",
  en = "And with the MTU of lo lowered to 1500, as Ethernet has it?" }
lo:set { mtu = 1500 }
local on_small_lo = frames(server, "127.0.0.1", lo)
say({ ko = "%d개. 세그먼트보다 크다: lo에는 자를 카드가 없어서 커널이 뭉치째 넘긴다.",
  en = "%d, each larger than a segment: lo has no card to cut them, so the kernel does not." }, on_small_lo)

cue { ko = "이제 진짜 선으로. 몇 개?", en = "Now over a real wire. How many?" }
local on_wire = frames(client, server, wire)
say({ ko = "lo: %d, MTU 1500인 lo: %d, 선: %d", en = "lo: %d, lo with MTU 1500: %d, a wire: %d" },
  on_lo, on_small_lo, on_wire)
expect(on_lo < on_small_lo and on_small_lo < on_wire,
  { ko = "단위가 정직할수록 프레임이 많다", en = "the more honest the unit, the more frames" })
expect(on_wire == 14, { ko = "20000 / 1448, 올림", en = "20000 / 1448, rounded up" })
