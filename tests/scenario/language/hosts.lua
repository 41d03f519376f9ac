-- A host has a name, an address, and settings of its kernel of its own; others name it by object, name or address.
local plain, other = host "plain", host "other"
local chosen = host("chosen", { address = "10.1.77.7", sysctl = { tcp_syn_retries = 2, somaxconn = 5, ["net.ipv4.tcp_fin_timeout"] = 7 } })
expect(plain.name == "plain" and chosen.name == "chosen", "names")
expect(plain.address:match "^10%.1%.%d+%.%d+$" and plain.address ~= other.address, "addresses of their own")
expect(chosen.address == "10.1.77.7", "a chosen address")

local listener = chosen:listen(80, { backlog = 100 })
local _, limit = listener:queues()
expect(limit == 5, "somaxconn caps the backlog of its host")
expect(chosen:sysctl "tcp_fin_timeout" == 7 and plain:sysctl "tcp_fin_timeout" == 60, "a full name")
_, limit = plain:listen(80, { backlog = 100 }):queues()
expect(limit == 100, "and of no other")
for _, name in ipairs { chosen, "chosen", "10.1.77.7", chosen.address } do
  local conn = plain:connect(name, 80)
  expect(conn:peer_address() == "10.1.77.7", "the same host")
  conn:close()
end
expect(#packets { to = "chosen", flags = "S" } == 4 and #packets { to = "10.1.77.7", flags = "S" } == 4, "in filters too")
expect(packets { flags = "S" }[1].to == chosen, "packets name the host itself")

local function refuses(text, ...)
  local ok, why = pcall(...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("there is no host \"nobody\"; the hosts are: plain, other, chosen", plain.connect, plain, "nobody", 80)
refuses("the network stands already", host, "late")
refuses("the network stands already", link, plain, other)
refuses("a host has no `adress`", function() return plain.adress end)
refuses("`address` cannot be set", function() plain.address = "10.1.0.9" end)
