-- Seen: two bridges; neighbours answer, strangers do not; outward the machine's address; inward by a published port.
title { ko = "손으로 만드는 Docker 네트워크", en = "Docker's networks by hand" }

local web, db, app, cache = host "web", host "db", host "app", host "cache" -- four containers
local machine, visitor = router "machine", host "visitor"
local front, back = switch("front", { web, db, machine }), switch("back", { app, cache, machine })
local outside = link(visitor, machine, { delay = "5ms" })
machine:masquerade(outside)
machine:forbid(front, back)
machine:publish(8080, web, 80)

say { ko = "컨테이너 넷, 브리지 둘. machine은 Docker가 도는 컴퓨터다.",
  en = "Four containers on two bridges. The machine is the one that runs Docker." }
cue { ko = "web이 같은 브리지의 db에게 ping. 답이 올까?", en = "web pings db on its own bridge. An answer?" }
expect(web:ping(db), { ko = "같은 브리지: 답한다", en = "same bridge: answers" })

cue { ko = "web이 다른 브리지의 app에게 ping하면?", en = "And app, on the other bridge?" }
local _, code = web:ping(app, { timeout = "1s" })
expect(code == "timeout", { ko = "다른 브리지: 조용하다", en = "other bridge: silence" })
say { ko = "패킷은 machine까지 왔다. 막은 것은 규칙이다.", en = "It came as far as the machine; a rule stopped it there." }
expect(packets.count { on = front, to = app } == 1 and packets.count { on = back } == 0,
  { ko = "machine에서 멈췄다", en = "it stopped at the machine" })

cue { ko = "web이 바깥의 visitor에게 ping. 누가 보낸 것으로 보일까?",
  en = "web pings the visitor outside. Who does it seem to come from?" }
expect(web:ping(visitor), { ko = "기본 경로로 나간다", en = "outward by the default route" })
expect(packets { on = outside, to = visitor }[1].from == machine, { ko = "machine의 이름으로", en = "as the machine" })

cue { ko = "이제 바깥에서 안으로: machine의 8080에 연결하면 누가 답할까?",
  en = "And from outside? Who answers at port 8080 of the machine?" }
web:listen(80, function(conn) conn:send "hello from web\n" end)
local conn = visitor:connect(outside:address(machine), 8080)
expect(conn:receive "line" == "hello from web", { ko = "공개된 포트", en = "the published port" })
expect(packets { on = outside, flags = "S" }[1].to_port == 8080,
  { ko = "바깥: machine의 8080으로", en = "outside: to the machine's 8080" })
expect(packets { on = front, flags = "S" }[1].to == web, { ko = "안쪽: web의 80으로", en = "inside: to web's 80" })
