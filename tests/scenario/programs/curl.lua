-- curl and the language's own web server; curl finds hosts by their names.
scene { needs = { "curl" } }
local server, client = host "server", host "client"
link(server, client, { delay = "5ms" })
server:http(80, { ["/ping"] = "pong\n", ["/long"] = bytes(20000) })

local short = client:run("curl", "-sS", "http://server/ping")
expect(short.status == 0 and short.stdout == "pong\n" and short.stderr == "", "a word")
local long = client:run("curl", "-sS", "-w", "%{http_code} %{size_download}", "-o", "/dev/null", "http://server/long")
expect(long.stdout == "200 20000", "a page")
local refused = client:run("curl", "-sS", "http://server:81/")
expect(refused.status == 7 and refused.stderr:match "Failed to connect", "a closed port")
local unknown = client:run("curl", "-sS", "http://nowhere.example/")
expect(unknown.status == 6 and unknown.stderr:match "Could not resolve host", "no names but those of the scene")
local conn = client:connect(server, 80)
conn:close()

-- What the programs sent is known from what the scene did.
local syns = packets { from = client, flags = "S" }
expect(#syns == 4, "three calls of curl, and our own")
