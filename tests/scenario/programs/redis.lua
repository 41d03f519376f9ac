-- redis serves, its command line asks, its benchmark asks often.
scene { needs = { "redis-server", "redis-cli", "redis-benchmark" } }
local server, client = host "server", host "client"
link(server, client)
local redis = server:start("redis-server", "--save", "", "--protected-mode", "no", "--bind", "0.0.0.0")
expect(function() return #server:sockets { state = "LISTEN", port = 6379 } > 0 end, "it listens", { within = "10s" })

expect(client:run("redis-cli", "-h", server, "SET", "greeting", "hello").stdout == "OK\n", "SET")
expect(client:run("redis-cli", "-h", server, "GET", "greeting").stdout == "hello\n", "GET")
local report = client:run("redis-benchmark", "-h", server, "-n", 200, "-c", 5, "-t", "get,set", "--csv").stdout
expect(report:match '"SET","[%d.]+"' and report:match '"GET","[%d.]+"', "the benchmark has its figures")
redis:stop()
expect(redis:wait("5s").status == 0, "it ends when asked")
