-- Routers forward between their wires; all have the routes of the shortest way, and see each packet on every wire.
local a, b, lonely = host "a", host "b", host "lonely"
local left, middle, right = router "left", router "middle", router("right", { sysctl = { ip_default_ttl = 32 } })
local first = switch("first", { a, left })
local direct = link(left, right, { delay = "4ms" })
link(left, middle)
link(middle, right)
local last = link(right, b, { delay = "3ms" })
local island = router "island"
local elsewhere = link(island, lonely)

local seen
b:listen(80, function(conn)
  seen = conn:peer_address()
  for line in conn:lines() do conn:send(line .. "\n") end
end)
local began = now()
local conn = a:connect(b, 80)
local took = now() - began
expect(took >= 0.016 and took < 0.1, "1, 4 and 3 ms each way")
expect(conn:peer_address() == b.address, "by the address at its own wire")
conn:send "hello\n"
expect(conn:receive "line" == "hello", "and back")
expect(seen == a.address, "nobody rewrites addresses")

local ways = {}
for i, packet in ipairs(packets { from = a, data = true }) do
  ways[i] = ("%s %d"):format(packet.on, packet.ttl)
  expect(packet.to == b and packet.data == "hello\n", "the packet itself")
  expect(packet.call == packets { from = a, data = true, on = first }[1].call, "sent by one call")
end
expect(table.concat(ways, ", ") == "wire first 64, wire left-right 63, wire right-b 62", "three wires, the short way, each router takes one")
expect(#packets { conn = conn, flags = "S" } == 3, "one connection on all of them")
expect(#packets { conn = conn, flags = "S", on = last } == 1, "once on each")
conn:close()

right:listen(22)
expect(a:connect(right, 22):peer_address() == direct:address(right), "a router by the address that is nearest")
expect(right:connect(b, 80), "and from there on")
expect(right:sysctl "ip_default_ttl" == 32 and left:sysctl "ip_forward" == 1 and a:sysctl "ip_forward" == 0, "set as hosts are")

local _, code = a:connect(lonely, 80)
expect(code == "EHOSTUNREACH" or code == "ENETUNREACH", "no way there: the first router says so")
expect(packets.count { on = elsewhere } == 0, "nothing came there")
expect(select(2, island:connect(a, 80)) == "ENETUNREACH", "a router that knows no way says so itself")
