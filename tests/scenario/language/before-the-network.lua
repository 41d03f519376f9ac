-- Hosts and links are refused with a reason before anything is built on them.
local a, b = host "a", host "b"
local function refuses(text, ...)
  local ok, why = pcall(...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("there is already a host \"a\"", host, "a")
refuses("a name expected, got number", host, 5)
refuses("1 to 63 bytes", host, "")
refuses("unknown option \"adress\"", host, "c", { adress = "10.1.0.3" })
refuses("\"10.1.0\" is no IPv4 address", host, "d", { address = "10.1.0" })
refuses("a link joins two hosts, not a with itself", link, a, a)
refuses("an MTU is 68 to 65521 bytes, not 60", link, a, b, { mtu = 60 })
link(a, "b", { delay = "1ms" })
refuses("a and b are linked already", link, a, b)
refuses("unknown option \"dely\"; it takes black_hole, burst, corrupt, delay", link, a, b, { dely = 1 })
