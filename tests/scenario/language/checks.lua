-- expect: a condition now, or a function until it is true or its limit is over.
-- Checks: 9
local a, b = host "a", host "b"
expect(1, "whatever is not nil or false will do")
expect(true)
local result = expect("a value", "it returns what it checked")
expect(result == "a value", "so that it can be used")

local asked, began = 0, now()
expect(function()
  asked = asked + 1
  return now() - began > 0.03 and asked
end, "asked until it is true")
expect(asked > 1 and now() - began < 1, "and no longer")

local done = false
spawn("elsewhere", function()
  sleep "20ms"
  done = true
end)
expect(function() return done end, "others go on meanwhile", { within = "5s" })
expect(expect(function() return 42 end, "at once", { within = 0 }) == 42, "the function's value")
