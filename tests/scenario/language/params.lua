-- Knobs: the value given has the default's type; choices are kept to.
-- Run with: --set count=3 --set rate=0.5 --set name=anna --set loud=true --set which=b
-- Checks: 12
local count, rate = param("count", 1), param("rate", 2.5)
expect(count == 3 and math.type(count) == "integer", "a whole number")
expect(rate == 0.5 and math.type(rate) == "float", "a fraction")
expect(param("name", "berta") == "anna", "a text")
expect(param("loud", false) == true, "true or false")
expect(param("which", "a", { "a", "b" }) == "b", "one of several")
expect(param("untouched", 7) == 7, "the default")
expect(param("still", "x", { "x" }) == "x", "the default of several")
expect(param("integer_for_float", 1.0) == 1.0, "a float's default")

local function refuses(text, ...)
  local ok, why = pcall(param, ...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("there is already a param \"count\"", "count", 1)
refuses("the default is a number, a text or true or false", "table", {})
refuses("param other cannot be 5; it is one of 1, 2", "other", 5, { 1, 2 })
refuses("its name comes first", 5)
