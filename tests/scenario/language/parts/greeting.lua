-- Used by files.lua.
local ports = require "parts.ports"
local greeting = { port = ports.greeting }

function greeting.words(whom) return "hello, " .. whom end

function greeting.connect(from, to)
  local listener = to:listen(greeting.port)
  local conn = from:connect(to, greeting.port)
  return listener:accept() and conn
end

return greeting
