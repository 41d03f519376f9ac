-- The variable is called `count`.
-- Ends with status 2: misspelt-assignment.lua:4: `conut` is not declared (did you mean count?): write `local conut = …`
local count = 0
conut = count + 1
