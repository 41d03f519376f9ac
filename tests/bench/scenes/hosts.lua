-- Many hosts at one switch.
title "Many hosts"
local count = param("count", 100)
local first = host "host1"
for i = 2, count do host("host" .. i) end
first:listen(8080)
