-- A program in the background keeps no scene alive: it is ended with it, and its packets with it.
scene { needs = { "sh", "ping" } }
local server, client = host "server", host "client"
client:start("ping", "-q", "-i", "0.01", server)
local other = client:start("sh", "-c", "sleep 1000")
expect(function() return packets.count { from = client } > 3 end, "it sends")
expect(other:running(), "and the other sleeps")
