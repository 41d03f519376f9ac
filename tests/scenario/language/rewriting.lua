-- What routers do to packets: addresses rewritten, ways forbidden. It is one connection, seen on each wire as it is there.
local inner, other, outer = host "inner", host "other", host "outer"
local machine = router "machine"
local front, back = switch("front", { inner, machine }), switch("back", { other, machine })
local outside = link(outer, machine)
machine:masquerade(outside)
machine:publish(8080, inner, 80)
machine:forbid(front, back)

local function echo(conn)
  for line in conn:lines() do conn:send(line .. "\n") end
end
inner:listen(80, echo)
local listener = outer:listen(443)

-- outward: the far end takes the machine for its client
local near = inner:connect(outer, 443)
local far = listener:accept()
expect(far:peer_address() == outside:address(machine), "masqueraded")
expect(near:local_address() == inner.address, "which the client does not know")
expect(#packets { conn = near, flags = "S" } == 2 and #packets { conn = far, flags = "S" } == 2, "one connection, two wires")
expect(packets { conn = near, on = front, flags = "S" }[1].from == inner, "inside: from the host itself")
expect(packets { conn = near, on = outside, flags = "S" }[1].from == machine, "outside: from the machine")
expect(packets { conn = near, on = outside, flags = "SA" }[1].to == machine, "and back to it")
expect(near:state() == "ESTABLISHED" and far:state() == "ESTABLISHED", "both ends")
expect(#inner:sockets { conn = far } == 1 and #outer:sockets { conn = near } == 1, "either end by either handle")
near:send "three\n"
expect(far:receive "line" == "three", "data")
local data = packets { data = true, conn = near }
expect(#data == 2 and data[1].call == data[2].call and data[1].seq == data[2].seq, "the same bytes on both wires")
far:close()
expect(select(2, near:receive "line") == "closed", "its end")
near:close()
expect(function() return #outer:sockets { conn = near, state = "TIME_WAIT" } == 1 end, "the one that closes first")

-- inward: the client takes the machine for its server
local conn = outer:connect(outside:address(machine), 8080)
conn:send "hello\n"
expect(conn:receive "line" == "hello", "published")
expect(conn:peer_address() == outside:address(machine), "it talks to the machine, as far as it knows")
local outward, inward = packets { conn = conn, on = outside, flags = "S" }[1], packets { conn = conn, on = front, flags = "S" }[1]
expect(outward.to == machine and outward.to_port == 8080, "outside")
expect(inward.to == inner and inward.to_port == 80 and inward.from == outer, "inside")
local row = inner:sockets { conn = conn, state = "ESTABLISHED" }[1]
expect(row.port == 80 and row.peer == outer.address, "the server's socket")
expect(machine:count "ESTABLISHED" == 0, "the machine has none")
expect(select(2, outer:connect(outside:address(machine), 80)) == "ECONNREFUSED", "the machine itself listens nowhere")
local own = machine:connect(machine, 8080)
expect(#packets { conn = own, on = front, flags = "S", to = inner, to_port = 80 } == 1, "its own way to the published port")
conn:close()

-- across: nothing
other:listen(80)
local _, code = inner:connect(other, 80, { timeout = "200ms" })
expect(code == "timeout", "forbidden: silence")
expect(packets.count { on = back } == 0, "nothing comes out at the other side")

-- later rules hold at once
machine:publish(8443, other, 80)
expect(outer:connect(outside:address(machine), 8443), "published while the network stands")
