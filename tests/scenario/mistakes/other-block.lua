-- A local of another block cannot be seen here.
-- Ends with status 2: other-block.lua:4: unknown name `inner` (a `local` of that name is in another block, or further down)
do local inner = host "a" end
print(inner)
