-- How many sockets are in each state, over time: whenever that has changed, and without keeping the scene.
local server, client = host "server", host "client"
local watch = server:watch { every = "20ms" }
local listener = server:listen(80)
local conns = {}
for i = 1, 3 do
  conns[i] = client:connect(server, 80)
  sleep "0.1s"
end
expect(watch:max "ESTABLISHED" == 3 and watch:max "LISTEN" == 1 and watch:max "TIME_WAIT" == 0, "the most at once")
for i = 1, 3 do conns[i]:abort() end
sleep "0.1s"
expect(watch:max "ESTABLISHED" == 3 and server:count "ESTABLISHED" == 0, "the most stays the most")

local samples = watch:samples()
expect(samples[1].LISTEN == 0 and samples[1].ESTABLISHED == 0, "it looks at once")
expect(samples[#samples].LISTEN == 1 and samples[#samples].ESTABLISHED == 0, "and at the end")
local steps, rising = {}, true
for i, sample in ipairs(samples) do
  steps[sample.ESTABLISHED] = true
  rising = rising and (i == 1 or sample.time > samples[i - 1].time)
end
expect(steps[0] and steps[1] and steps[2] and steps[3] and rising, "every step, in order")

watch:stop()
watch:stop()
client:connect(server, 80)
sleep "0.1s"
expect(#watch:samples() == #samples, "stopped: it has not seen that")
do
  local other <close> = client:watch()
  expect(other:samples()[1].ESTABLISHED == 1, "a tenth of a second unless told")
end
local function refuses(text, ...)
  local ok, why = pcall(...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("unknown option \"evry\"", server.watch, server, { evry = 1 })
refuses("watch: every is 1 ms or more", server.watch, server, { every = 0 })
refuses("there is no state \"OPEN\"", watch.max, watch, "OPEN")
server:watch { every = "1ms" } -- nobody stops it, and the scene ends all the same
