-- math.random follows --seed.
-- Run with: --seed 7
local a = host "a"
local first = math.random(1, 1000000)
math.randomseed(7)
expect(math.random(1, 1000000) == first, "the seed that was given")
