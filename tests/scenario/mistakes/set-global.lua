-- A variable without local.
-- Ends with status 2: set-global.lua:3: `count` is not declared: write `local count = …`
count = 1
