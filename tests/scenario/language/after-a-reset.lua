-- "closed" is said of a FIN only: after a reset the kernel's next 0 is none.
title "After a reset"
local server, client = host "server", host "client"
local listener = server:listen(80)
local conn = client:connect(server, 80)
listener:accept():abort()
local data, code = conn:recv()
expect(data == nil and code == "ECONNRESET", "told once by the kernel")
data, code = conn:recv()
expect(data == nil and code == "ECONNRESET", "and not forgotten")
