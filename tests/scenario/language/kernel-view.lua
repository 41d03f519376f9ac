-- What the kernel of a host says: its sockets as ss shows them, how many in each state, counters, settings.
local server, client = host "server", host "client"
local listener = server:listen(80, { backlog = 7 })
local near = client:connect(server, 80)
local far = listener:accept()
local waits = client:connect(server, 80)
near:send "seven b"
expect(function() return #server:sockets { conn = near, recv_q = 7 } == 1 end, "bytes that wait in the kernel")
local rows = server:sockets()
expect(#rows == 3 and #server:sockets { state = "ESTABLISHED" } == 2, "the listener and two connections")
local row = server:sockets { state = "LISTEN" }[1]
expect(row.port == 80 and row.send_q == 7 and row.recv_q == 1, "the queue of accept and its limit")
row = client:sockets { conn = far }[1]
expect(row.peer == server.address and row.peer_port == 80 and row.port == select(2, near:local_address()), "either end")
expect(#client:sockets { port = function(port) return port == row.port end } == 1, "a function decides")
expect(function()
  local now = client:sockets { conn = far }[1]
  return now.timer == "off" and now.expires == 0 and now.retransmits == 0
end, "no timer runs once all is acknowledged")
expect(client:count "ESTABLISHED" == 2 and server:count().LISTEN == 1 and client:count().TIME_WAIT == 0, "by state")

local before = client:counters()
expect(before.TcpActiveOpens == 2 and before.TcpOutRsts == 0 and before.NoSuchCounter == 0, "since the scene began")
waits:abort()
expect(client:counters().TcpOutRsts == 1, "and now one RST")
expect(function() return server:count "ESTABLISHED" == 1 end, "which ends the other end's socket")
near:close()
expect(function() return #client:sockets { state = "FIN_WAIT2", timer = "time_wait" } == 1 end, "closed here, not there")
row = client:sockets { state = "FIN_WAIT2" }[1]
expect(row.expires > 50 and row.expires <= 60, "for tcp_fin_timeout, in seconds")
expect(server:sockets { conn = far }[1].recv_q == 8, "seven bytes, and the FIN counts as one")
far:abort()

expect(client:sysctl "tcp_syn_retries" == 6, "the kernel's default, not the machine's")
client:sysctl("tcp_syn_retries", 3)
expect(client:sysctl "net.ipv4.tcp_syn_retries" == 3 and server:sysctl "tcp_syn_retries" == 6, "set on one host")
local function refuses(text, ...)
  local ok, why = pcall(...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("sysctl nonsense of client", client.sysctl, client, "nonsense")
refuses("unknown field \"stat\"", client.sockets, client, { stat = "LISTEN" })
refuses("there is no state \"LISTENING\"", client.count, client, "LISTENING")
