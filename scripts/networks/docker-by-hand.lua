-- Seen: neighbours on a bridge answer, others do not; outside one sees the machine only; inward there is a port.
title { ko = "손으로 만드는 Docker 네트워크", en = "Docker's networks by hand" }

local web, db, app, visitor = host "web", host "db", host "app", host "visitor"
local machine = router "machine"
local front, back = switch("front", { web, db, machine }), switch("back", { app, machine })
local outside = link(visitor, machine)
machine:masquerade(outside)
machine:forbid(front, back)
machine:publish(8080, web, 80)

cue { ko = "web에서 db로 ping. 같은 브리지다.", en = "web pings db, on the same bridge." }
expect(web:ping(db), { ko = "답이 온다", en = "it answers" })
cue { ko = "web에서 app으로 ping. 다른 브리지다.", en = "web pings app, on the other bridge." }
expect(not web:ping(app, { timeout = "1s" }), { ko = "조용하다: 금지되어 있다", en = "silence: that is forbidden" })

cue { ko = "web에서 바깥의 visitor로 ping. visitor는 누구를 볼까?",
  en = "web pings the visitor outside. Whom will the visitor see?" }
expect(web:ping(visitor), { ko = "기본 경로로 나간다", en = "it goes out by the default route" })
expect(packets { on = outside, to = visitor }[1].from == machine,
  { ko = "visitor는 machine만 본다: masquerade", en = "the visitor sees the machine only: masquerade" })

cue { ko = "visitor가 machine의 8080번에 연결하면 누가 대답할까?",
  en = "The visitor connects to port 8080 of the machine. Who will answer?" }
web:listen(80, function(conn) conn:send "hello from web\n" end)
expect(visitor:connect(outside:address(machine), 8080):receive "line" == "hello from web",
  { ko = "web이다: 공개된 포트", en = "web: a published port" })
expect(packets { on = outside, flags = "S" }[1].to_port == 8080,
  { ko = "바깥의 선에서는 machine의 8080번으로", en = "on the wire outside: to the machine's 8080" })
expect(packets { on = front, flags = "S" }[1].to == web,
  { ko = "안쪽의 선에서는 web의 80번으로", en = "on the wire inside: to web's 80" })
