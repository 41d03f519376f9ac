-- A failure says what had been moved by then: nil, code, sentence, part.
local server, client = host "server", host "client"
local listener = server:listen(80)
local function pair() return client:connect(server, 80), listener:accept() end

local near, far = pair()
near:send "incomplete"
near:close()
local text, code, sentence, part = far:receive "line"
expect(text == nil and code == "closed" and part == "incomplete", "FIN before the newline")
expect(sentence:find("FIN", 1, true), "in words")
far:close()

near, far = pair()
near:send "12345"
far:timeout "50ms"
text, code, sentence, part = far:receive(10)
expect(text == nil and code == "timeout" and part == "12345", "too few bytes")
text, code, sentence, part = far:receive "all"
expect(text == nil and code == "timeout" and part == "", "they were given, and are not kept")
near:send "123"
sleep "10ms"
near:abort()
far:timeout()
text, code, sentence, part = far:receive(10)
expect(text == nil and code == "ECONNRESET" and sentence:find("RST", 1, true), "reset")
far:close()

near, far = pair()
near:timeout "60ms"
local sent
sent, code, sentence, part = near:send(bytes "32MiB")
expect(sent == nil and code == "timeout" and part > 0 and part < 32 << 20, "nobody reads: some was taken")
expect(far:receive(part) == bytes(part), "which does arrive")
