-- With arp = true a host's questions for addresses are packets like others; without, the wire answers them unseen.
local a, b, c, quiet = host("a", { arp = true }), host "b", host("c", { arp = true }), host "quiet"
local lan = switch("lan", { a, b, c, quiet })
for _, server in ipairs { a, b } do server:listen(80) end

local conn = a:connect(b, 80)
local asked, told = table.unpack(packets { protocol = "arp" })
expect(asked.from == a and asked.to == b and told.from == b and told.to == a, "who has it? I have.")
expect(asked.call and asked.time < told.time and told.time < packets { flags = "S" }[1].time, "before the SYN")
settle()
expect(packets.count { protocol = "arp" } == 2, "nothing else is asked; b has learned by being asked")
expect(asked.fate == "delivered", "everybody on the switch got it")

expect(quiet:connect(b, 80) and quiet:connect(a, 80), "others do not have to ask")
expect(packets.count { protocol = "arp", from = quiet, to = b } == 0, "and nobody sees them do it")
expect(packets.count { protocol = "arp", from = a, to = quiet } == 1, "but a has asked, before its answer")

local rule = lan:drop { protocol = "arp", from = c }
local _, code = c:connect(b, 80)
expect(code == "EHOSTUNREACH" and rule.hits == 3, "three questions without an answer, a second each")
expect(packets.count { from = c, protocol = "tcp" } == 0, "the SYN never left")
rule:remove()
expect(c:connect(b, 80), "asked again, and answered")
