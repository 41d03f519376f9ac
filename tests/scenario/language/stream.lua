-- TCP is a stream of bytes: recv takes what is there, receive waits for what it was asked for.
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()

expect(near:send "hello world" == 11, "send says how many bytes were taken")
expect(far:recv(5) == "hello" and far:recv(100) == " world", "recv takes at most so many")
near:send "one\ntwo\n\nthr"
expect(far:receive "line" == "one", "a line comes without its newline")
expect(far:receive "line" == "two" and far:receive "line" == "", "an empty line is one")
near:send "ee\n"
expect(far:receive "line" == "three", "a line may come in parts")
near:send(bytes(10000))
expect(far:receive(4000) == bytes(4000), "exactly so many bytes")
expect(far:receive(6000) == bytes(10000):sub(4001), "and the rest stays for the next")
near:send "tail\nand more"
expect(far:receive "line" == "tail", "what comes behind a line is kept")
expect(far:recv() == "and more", "for whichever call is next")
near:send(42)
expect(far:receive(2) == "42", "a number is sent as its text")
near:send "\0\255\n\1"
expect(far:receive(4) == "\0\255\n\1", "any bytes")
expect(near:send "" == 0, "nothing to send is no failure")
expect(far:receive(0) == "", "nor is nothing to receive")
near:send "1k"
expect(far:receive "2B" == "1k", "a size may have a unit")

near:send "short\nmuch too long\n"
expect(far:receive("line", 6) == "short", "at most so many bytes, with the newline")
local line, why, _, had = far:receive("line", 6)
expect(line == nil and why == "EMSGSIZE" and had == "much too long\n", "longer ones are a failure")
client:spawn("endless", function() near:send(("x"):rep((1 << 20) + 5)) end)
line, why, _, had = far:receive "line"
expect(line == nil and why == "EMSGSIZE" and #had >= 1 << 20, "there is a limit anyhow")
expect(far:receive((1 << 20) + 5 - #had), "the rest is there for the next")

near:send "last\nunfinished"
near:close()
local seen = {}
for line in far:lines() do seen[#seen + 1] = line end
expect(table.concat(seen, ",") == "last", "lines() ends at FIN")
local text, code, _, part = far:receive "line"
expect(text == nil and code == "closed" and part == "", "and stays ended")
expect(far:receive "all" == "", "\"all\" of an ended stream is nothing")

local function refuses(...)
  local ok, why = pcall(far.receive, far, ...)
  expect(not ok and why:find("receive takes a number of bytes, \"line\" or \"all\"", 1, true), "misuse")
end
refuses()
refuses "word"
local ok, said = pcall(far.receive, far, 5, 5)
expect(not ok and said:find("a limit goes with \"line\" only", 1, true), "misuse")
expect(not pcall(far.receive, far, -1) and not pcall(far.send, far, {}) and not pcall(far.recv, far, "many"), "misuse")
