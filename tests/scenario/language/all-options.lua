-- Each option of sockets: set to what it can have, read as the kernel has it then, by either name.
local host_a = host("a", { sysctl = { tcp_fastopen = 3 } })
local b = host "b"
local listener = host_a:listen(80, { TCP_FASTOPEN = 5 })
local tcp, udp, raw = b:connect(host_a, 80), b:udp(), b:socket "raw"
expect(listener:get "TCP_FASTOPEN" == 5, "TCP_FASTOPEN")

local settings = { -- socket, kernel's name, short name, value, what is read then
  { tcp, "SO_REUSEADDR", "reuseaddr", true, true },
  { tcp, "SO_REUSEPORT", "reuseport", true, true },
  { tcp, "SO_KEEPALIVE", "keepalive", true, true },
  { udp, "SO_BROADCAST", "broadcast", true, true },
  { tcp, "SO_OOBINLINE", "oobinline", true, true },
  { tcp, "SO_DONTROUTE", "dontroute", true, true },
  { tcp, "SO_LINGER", "linger", "3s", 3 },
  { tcp, "SO_SNDBUF", "sndbuf", "16KiB", 32768 },
  { tcp, "SO_RCVBUF", "rcvbuf", 10000, 20000 },
  { tcp, "SO_RCVLOWAT", "rcvlowat", 100, 100 },
  { tcp, "SO_RCVTIMEO", "rcvtimeo", "1.5s", 1.5 },
  { tcp, "SO_SNDTIMEO", "sndtimeo", 2, 2.0 },
  { tcp, "SO_PRIORITY", "priority", 3, 3 },
  { tcp, "SO_MARK", "mark", 7, 7 },
  { tcp, "SO_BINDTODEVICE", "bindtodevice", "eth0", "eth0" },
  { tcp, "TCP_NODELAY", "nodelay", true, true },
  { tcp, "TCP_CORK", "cork", true, true },
  { tcp, "TCP_QUICKACK", "quickack", false, false },
  { b:socket "tcp", "TCP_MAXSEG", "maxseg", 500, 500 },
  { tcp, "TCP_KEEPIDLE", "keepidle", "2m", 120 },
  { tcp, "TCP_KEEPINTVL", "keepintvl", 5, 5 },
  { tcp, "TCP_KEEPCNT", "keepcnt", 4, 4 },
  { tcp, "TCP_USER_TIMEOUT", "user_timeout", "1.5s", 1500 },
  { tcp, "TCP_SYNCNT", "syncnt", 3, 3 },
  { tcp, "TCP_LINGER2", "linger2", 10, 10 },
  { listener, "TCP_DEFER_ACCEPT", "defer_accept", 1, 1 },
  { tcp, "TCP_WINDOW_CLAMP", "window_clamp", 20000, 20000 },
  { tcp, "TCP_NOTSENT_LOWAT", "notsent_lowat", 4096, 4096 },
  { b:socket "tcp", "TCP_FASTOPEN_CONNECT", "fastopen_connect", true, true },
  { tcp, "TCP_CONGESTION", "congestion", "reno", "reno" },
  { udp, "UDP_CORK", "udp_cork", true, true },
  { udp, "UDP_SEGMENT", "udp_segment", 1000, 1000 },
  { tcp, "IP_TTL", "ttl", 9, 9 },
  { tcp, "IP_MINTTL", "minttl", 2, 2 },
  { tcp, "IP_TOS", "tos", 16, 16 },
  { udp, "IP_MTU_DISCOVER", "mtu_discover", 2, 2 },
  { udp, "IP_RECVERR", "recverr", true, true },
  { udp, "IP_FREEBIND", "freebind", true, true },
  { udp, "IP_BIND_ADDRESS_NO_PORT", "bind_address_no_port", true, true },
  { raw, "IP_HDRINCL", "hdrincl", true, true },
  { udp, "IP_MULTICAST_TTL", "multicast_ttl", 5, 5 },
  { udp, "IP_MULTICAST_LOOP", "multicast_loop", false, false },
}
for _, setting in ipairs(settings) do
  local socket, name, brief, value, wanted = table.unpack(setting)
  expect(socket:set(name, value), name)
  local got = socket:get(brief)
  expect(got == wanted, name)
end

local read_only = {
  { tcp, "SO_ERROR", "error", 0 }, { listener, "SO_ACCEPTCONN", "acceptconn", true }, { raw, "SO_TYPE", "type", 3 },
  { udp, "SO_PROTOCOL", "protocol", 17 }, { tcp, "SO_DOMAIN", "domain", 2 }, { b:connect(host_a, 80), "IP_MTU", "mtu", 1500 },
}
for _, option in ipairs(read_only) do
  local socket, name, brief, wanted = table.unpack(option)
  expect(socket:get(name) == wanted and socket:get(brief) == wanted, name)
  local ok, why = pcall(socket.set, socket, name, 1)
  expect(not ok and why:find(name .. " can only be read", 1, true), "read only")
end
local ok, why = pcall(tcp.get, tcp, "SO_NONSENSE")
for _, list in ipairs { settings, read_only } do
  for _, row in ipairs(list) do expect(why:find(row[2], 1, true), "the list of options has it") end
end
