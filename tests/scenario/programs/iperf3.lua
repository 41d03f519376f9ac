-- iperf3 through a wire of 20 ms.
scene { needs = { "iperf3" } }
local server, client = host "server", host "client"
link(server, client, { delay = "10ms" })
local serving = server:start("iperf3", "-s", "-1", "--forceflush")
expect(function() return serving.stdout:match "listening on" end, "it listens", { within = "10s" })
local report = client:run("iperf3", "-c", server, "-n", "500K", "-J").stdout
local sent = tonumber(report:match '"sum_sent":%s*{.-"bytes":%s*(%d+)')
expect(sent and sent >= 500 * 1024, "all of it was sent")
local rtt = tonumber(report:match '"mean_rtt":%s*(%d+)')
expect(rtt and rtt >= 20000, "it measured the round trip of 20 ms")
expect(serving:wait("5s").status == 0, "it served once")
