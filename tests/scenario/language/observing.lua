-- How closely the sockets of a scene, or one connection, are looked at; what its events say then is tested from outside.
scene { observe = { "queues", "tcp" } }
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
near:observe "none"
far:observe { "tcp" }
near:send "hello\n"
expect(far:receive "line" == "hello", "looking changes nothing")

local function refuses(text, ...)
  local ok, why = pcall(...)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("observe: observe takes \"queues\", \"tcp\", both in a list, or \"none\", not \"queue\"", near.observe, near, "queue")
refuses("both in a list", near.observe, near, { "none", "tcp" })
refuses("both in a list", near.observe, near, 3)
refuses("scene: observe takes", scene, { observe = "all" })
refuses("observe: there is a TCP connection to observe once connect or accept has made one", listener.observe, listener, "tcp")
near:close()
refuses("was closed before", near.observe, near, "tcp")
