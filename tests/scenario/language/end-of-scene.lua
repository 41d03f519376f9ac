-- The scene goes on after its main chunk until spawned actors have ended; listeners and idle handlers do not keep it.
-- Checks: 4
local server, client = host "server", host "client"
local served = 0
server:listen(80, function(conn)
  for _ in conn:lines() do served = served + 1 end
end)
local plain = server:listen(81)
local open = client:connect(server, 80) -- never closed: its handler waits for the next line for ever

client:spawn("late", function()
  sleep "100ms"
  expect(open:send "one\n" == 4, "handles of the main chunk live on after it")
  expect(function() return served == 1 end, "and so do the handlers")
  spawn("later", function()
    sleep "20ms"
    expect(plain:queues() == 0, "actors of actors are waited for too")
  end)
end)
expect(served == 0, "nothing yet")
