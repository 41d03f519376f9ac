-- Many hosts at one switch, each of which pings the next.
title "Many hosts"
local hosts = {}
for i = 1, param("count", 100) do hosts[i] = host("host" .. i) end
hosts[1]:listen(8080)

local answers = {}
for i, one in ipairs(hosts) do
  answers[i] = one:spawn("ping", function() return one:ping(hosts[i % #hosts + 1]) end)
end
for i, answer in ipairs(answers) do answers[i] = answer:join() or nil end
expect(#answers == #hosts, "all round the ring")
