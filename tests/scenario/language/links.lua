-- A link delays what passes it and has an MTU; a host can have several; hosts without one share a switch of 1 ms.
local left, middle, right = host "left", host "middle", host "right"
local one, two = host "one", host "two"
local slow = link(left, middle, { delay = "40ms", mtu = 1000 })
local fast = link(middle, right, { delay = 0.002 })

local function connect(from, to)
  local began = now()
  local conn = from:connect(to, 80)
  return conn, now() - began
end
middle:listen(80)
two:listen(80)
local conn, took = connect(left, middle)
expect(took >= 0.08 and took < 1, "there and back, 40 ms each")
expect(conn:info().advmss == 1000 - 52, "the MTU of the interface")
conn, took = connect(right, middle)
expect(took >= 0.004 and took < 0.08, "there and back, 2 ms each")
expect(conn:info().advmss == 1500 - 52, "1500 unless told")
expect(fast:address(middle) == conn:peer_address(), "others reach it by the wire they share")
conn, took = connect(one, two)
expect(took >= 0.002 and took < 0.08, "the switch: 1 ms each")

expect(slow:address(middle) ~= fast:address(middle), "an address for each wire")
expect(slow:address "middle" == middle.address, "the first is the host's own")
expect(#packets { on = slow, flags = "S" } == 1 and #packets { on = fast, flags = "S" } == 1, "each packet on its wire")
expect(packets { from = one }[1].on ~= slow, "the switch is a wire of its own")
expect(packets { on = slow }[1].on == slow, "wires are equal to themselves")
