-- host.lo is the loopback as a wire to look at; its packets are asked for by name.
local a, b = host "a", host "b"
local lo = a.lo
a:listen(80, function(conn)
  for line in conn:lines() do conn:send(line .. "\n") end
end)
b:listen(80)

local conn = a:connect("127.0.0.1", 80)
conn:send "hello\n"
expect(conn:receive "line" == "hello", "over lo")
local syn, data = packets { on = lo, flags = "S" }[1], packets { on = lo, data = true }
expect(syn.from == a and syn.to == a and syn.to_port == 80 and syn.fate == "delivered", "from itself to itself")
expect(#data == 2 and data[1].data == "hello\n" and data[2].data == "hello\n", "each packet once, with its bytes")
expect(data[1].from_port == data[2].to_port and data[1].call ~= data[2].call, "there and back, each by its send")
expect(syn.mss == 65495 and syn.on == lo and tostring(lo) == "wire a.lo", "as large as lo is")
expect(packets.count {} == 0 and packets.count { data = true } == 0, "left out unless asked for")
expect(#packets { on = lo, conn = conn } == packets.count { on = lo }, "one connection")
conn:close()

local own = a:connect(a, 80)
expect(packets.count { on = lo, conn = own, flags = "S" } == 1, "its own address is behind lo too")
own:close()
expect(a:connect(b, 80) and packets.count { flags = "S" } == 1, "other hosts are not")
expect(lo:address(a) == "127.0.0.1", "the address on it")

settle()
local mark = now()
lo:set { mtu = 1500 }
conn = a:connect("127.0.0.1", 80)
expect(packets { on = lo, flags = "S", since = mark }[1].mss == 1460, "the MTU of the interface")
expect(packets.count { on = b.lo } == 0, "named late, but nothing went there")
