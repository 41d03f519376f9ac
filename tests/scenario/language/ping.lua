-- ping: the round-trip time, or who says why not.
local near, far, middle = host "near", host "far", router "middle"
link(near, middle, { delay = "10ms" })
local last = link(middle, far, { delay = "5ms" })

local time = near:ping(far)
expect(time >= 0.03 and time < 3, "there and back")
local request, reply = table.unpack(packets { protocol = "icmp", from = near, to = far, on = last })
expect(request.icmp == "echo request" and request.len == 56 and not reply, "one request of 56 bytes")
expect(#packets { icmp = "echo reply", from = far, on = last } == 1, "one reply")
expect(near:ping("far", { size = 3000 }) > 0.03 and #packets { fragment = 1480, from = near, on = last } == 1, "a large one")
expect(near:ping(far.address, { size = 0 }) and packets.count { icmp = "echo request", len = 0 } == 2, "an empty one")
expect(near:ping(near) < 1 and near:ping "127.0.0.1", "itself")

local answer, code, sentence, by = near:ping(far, { ttl = 1 })
expect(answer == nil and code == "EHOSTUNREACH" and by == middle.address, "who has let it expire")
expect(sentence == "ping far: time exceeded, says middle", "in words")
expect(near:ping(far, { ttl = 2 }), "one further")
answer, code, sentence, by = near:ping "10.200.0.1"
expect(answer == nil and code == "ENETUNREACH" and by == middle.address, "no route there")
answer, code, sentence, by = near:ping "10.1.77.77"
expect(code == "EHOSTUNREACH" and sentence == "ping 10.1.77.77: nobody answers for its address", "nobody there")
expect(near:ping "10.2.77.77" == nil and packets { icmp = "host unreachable" }[1].from == middle, "nor there")

last:cut()
local began = now()
answer, code, sentence = near:ping(far, { timeout = "50ms" })
expect(code == "timeout" and now() - began >= 0.05 and sentence:find "no answer", "silence")
last:mend()
local lonely = near:udp()
expect(lonely:fd() == 3, "nothing is left open")

local function refuses(text, ...)
  local worked, why = pcall(near.ping, near, ...)
  expect(not worked and why:find(text, 1, true), text)
end
refuses("a host expected", {})
refuses("ping: unknown option \"count\"; it takes size, timeout, ttl", far, { count = 3 })
refuses("ping: a size is 0 to 65499 bytes, not -1", far, { size = -1 })
