-- busy computes: its actor does nothing else meanwhile, in an event loop the whole loop; the wires go on.
local server, client = host "server", host "client"
local function compute(conn)
  for line in conn:lines() do
    if line == "heavy" then busy "200ms" end
    conn:send "done\n"
  end
end
local began = now()
busy(0.02)
expect(now() - began >= 0.02, "for that long")

for port, model in ipairs { "threads", "epoll", "poll", "select" } do
  server:listen(port, { model = model }, compute)
  local heavy, light <close> = client:connect(server, port), client:connect(server, port)
  heavy:send "heavy\n"
  settle "5ms"
  light:send "light\n"
  began = now()
  expect(light:receive "line" == "done", model .. ": served")
  expect((now() - began > 0.1) == (model ~= "threads"), model .. ": after the heavy one, or at once")
  expect(packets.count { to = server, data = "light\n" } == port, model .. ": the wires have gone on")
  heavy:receive "line"
end

local stopped <close> = server:spawn("stopped", function() busy "1h" end)
expect(not pcall(busy, "soon") and not pcall(busy), "a time is wanted")
