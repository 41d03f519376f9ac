-- The variable is called `server`.
-- Ends with status 2: misspelt-variable.lua:5: unknown name `sevrer` (did you mean server?)
local server, client = host "server", host "client"
spawn("client", function()
  client:connect(sevrer, 80)
end):join()
