-- Times are seconds or texts with a unit; now() counts from the scene's beginning and never runs back.
local a = host "a"
local before = now()
for _, time in ipairs { 0.01, "10ms", "10000us", "0.01s" } do
  local began = now()
  sleep(time)
  local took = now() - began
  expect(took >= 0.01 and took < 0.5, "ten milliseconds")
end
expect(now() >= before + 0.04, "four times ten")
sleep(0)
expect(math.type(now()) == "float" and now() < 100, "since the scene began")
for _, wrong in ipairs { "soon", "10 parsecs", -1, "", {}, 1 / 0 } do
  expect(not pcall(sleep, wrong), "no time")
end
expect(os.time() > 1.6e9 and type(os.date()) == "string" and type(os.clock()) == "number", "the clocks of os")
