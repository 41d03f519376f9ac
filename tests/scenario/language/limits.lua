-- timeout(d) limits each later call, timeout() ends that. A limit that is over is "timeout", never an errno.
local server, client = host "server", host "client"
local listener = server:listen(80)
listener:timeout "30ms"
local began = now()
local conn, code = listener:accept()
expect(conn == nil and code == "timeout" and now() - began >= 0.03, "accept")
listener:timeout()
local near = client:connect(server, 80)
local far = listener:accept()
far:timeout(0.03)
began = now()
local text
text, code = far:recv()
expect(text == nil and code == "timeout" and now() - began >= 0.03, "recv")
for _ = 1, 2 do
  text, code = far:receive "line"
  expect(text == nil and code == "timeout", "each call has the whole limit")
end
near:send "there\n"
expect(far:receive "line" == "there", "in time")
far:timeout()
client:spawn("later", function()
  sleep "80ms"
  near:send "late\n"
end)
expect(far:receive "line" == "late", "no limit any more")
expect(not pcall(far.timeout, far, "soon") and not pcall(far.timeout, far, -1), "misuse")
