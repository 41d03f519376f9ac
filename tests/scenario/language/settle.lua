-- settle waits until the wires are quiet: the moment for checks of what must not have happened.
local server, client = host "server", host "client"
link(server, client, { delay = "30ms" })
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
near:send "x"
expect(settle() == true, "quiet at last")
expect(packets.count { fate = "on the wire" } == 0, "nothing is under way")
expect(far:queues() == 1, "all has arrived")

client:spawn("chatter", function()
  for _ = 1, 30 do
    near:send "x"
    sleep "20ms"
  end
end)
sleep "10ms"
local ok, code = settle "50ms"
expect(ok == nil and code == "timeout", "or not, within its limit")
