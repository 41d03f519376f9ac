-- A variable that hides a function of the language.
-- Ends with status 2: `packets` here is a variable that hides the function packets(): give it another name
local packets = 5
local all = packets {}
