-- nginx serves, curl asks, wrk asks often.
scene { needs = { "nginx", "curl", "wrk" } }
local server, client = host "server", host "client"
link(server, client, { delay = "10ms" })
local nginx = server:start("nginx", "-e", "stderr", "-c", "/tmp/nginx.conf", { files = {
  ["nginx.conf"] = [[
    daemon off;
    events { worker_connections 64; }
    http {
      access_log off;
      server { listen 80; location / { return 200 "it works\n"; } }
    }
  ]],
  } })
expect(function() return #server:sockets { state = "LISTEN", port = 80 } > 0 end, "it listens on port 80", { within = "10s" })

expect(client:run("curl", "-sS", "http://server/").stdout == "it works\n", "curl gets its page")
local report = client:run("wrk", "-t", 1, "-c", 2, "-d", 1, "http://server/").stdout
expect(tonumber(report:match "(%d+) requests in") > 20, "wrk gets many")
expect(not report:match "Socket errors" and not report:match "Non%-2xx", "without an error")
nginx:stop()
expect(nginx:wait("5s").status == 0, "it ends when asked")
