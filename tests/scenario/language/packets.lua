-- packets: what has entered the wires, oldest first, chosen by any of its fields.
local server, client, other = host "server", host "client", host "other"
local wire = link(client, server, { delay = "10ms" })
link(client, other, { delay = "5ms" })
local listener = server:listen(80)
other:listen(81)
local begun = now()
local near = client:connect(server, 80)
local far = listener:accept()
local aside = client:connect(other, 81)
local since = now()
near:send "question"
far:receive(8)
far:send(bytes(3000))
near:receive(3000)
near:close()
far:receive "all"
far:close()
settle()

local function numbers(filter)
  local all, list = packets(filter), {}
  for i, packet in ipairs(all) do list[i] = packet.id end
  expect(packets.count(filter) == #all, "count agrees")
  return table.concat(list, " "), all
end
local everything, all = numbers()
expect(#all > 10 and packets.count() == #all and packets.count {} == #all, "all there are")
for i = 2, #all do expect(all[i].id > all[i - 1].id and all[i].time >= all[i - 1].time, "oldest first") end

local syn = packets { flags = "S", to = server }[1]
expect(syn.from == client and syn.to == server and syn.on == wire, "where")
expect(syn.from_port >= 32768 and syn.to_port == 80, "which ports")
expect(syn.flags == "S" and syn.seq == 0 and syn.ack == 0 and syn.len == 0 and syn.mss == 1460, "what")
expect(syn.window == 64240 and syn.ttl == 64 and syn.fate == "delivered" and syn.data == nil, "and more")
expect(syn.time >= begun and syn.time < since and math.type(syn.call) == "integer", "when, and by which call")
expect(syn.note == nil and syn.of == nil, "nothing remarkable")

local question = packets { from = client, data = true }[1]
expect(question.data == "question" and question.len == 8 and question.seq == 1 and question.ack == 1, "its bytes")
expect(numbers { data = "question" } == tostring(question.id), "exactly these bytes")
expect(numbers { data = function(data) return data and data:find "quest" end } == tostring(question.id), "a decision")
expect(numbers { id = question.id } == tostring(question.id), "id")
expect(numbers { call = question.call } == tostring(question.id), "call")

local answer = packets { from = server, data = true }
expect(#answer == 3, "three segments")
local joined = ""
for _, packet in ipairs(answer) do joined = joined .. packet.data end
expect(joined == bytes(3000), "which hold the answer")
expect(#packets { from = server, len = 1448 } == 2 and #packets { min_len = 1000 } == 2, "len, min_len")
expect(#packets { from = server, data = false } == packets.count { from = server } - 3, "without payload")
expect(#packets { seq = 1449, from = server, data = true } == 1, "seq")
expect(packets { ack = 3001, from = client }[1].from == client, "ack")
expect(#packets { since = since } == #all - #packets { time = function(time) return time < since end }, "since")
expect(#packets { on = wire } + #packets { to = other } + #packets { from = other } == #all, "on")
expect(#packets { conn = near } == #packets { on = wire } and #packets { conn = far } == #packets { conn = near }, "conn")
expect(#packets { conn = aside } == 3, "another connection")
expect(#packets { port = 81 } == 3 and #packets { from_port = 81 } == 1 and #packets { to_port = 81 } == 2, "ports")
expect(#packets { mss = 1460 } == 4 and #packets { window = 64240 } >= 1 and #packets { ttl = 64 } == #all, "mss, window, ttl")
expect(#packets { fate = "delivered" } == #all and #packets { fate = "dropped" } == 0, "fate")
expect(#packets { note = "retransmission" } == 0 and #packets { note = "duplicate ack" } == 0, "note")
expect(#packets { of = question.id } == 0, "of")
expect(#packets { from = client, to = server, data = true, min_len = 8, flags = "A" } == 1, "all of them at once")

expect(#packets { flags = "SA" } == 2 and #packets { flags = "S" } == 2, "A counts beside S")
local fins = #packets { flags = "F" }
expect(fins >= 2 and #packets { flags = "FA" } == fins and #packets { flags = "FPA" } == fins, "a FIN has an A anyway")
expect(#packets { flags = "A" } + 6 == #all and #packets { flags = "PA" } == #packets { flags = "A" }, "P never matters")
expect(#packets { flags = "R" } == 0, "no RST")

local function refuses(text, filter)
  local ok, why = pcall(packets, filter)
  expect(not ok and why:find(text, 1, true), text)
end
refuses("unknown field \"form\" in a filter; there are id, on, from", { form = server })
refuses("flags are letters such as", { flags = "X" })
refuses("note is one of", { note = "strange" })
refuses("fate is one of", { fate = "lost" })
refuses("seq is a whole number", { seq = "first" })
refuses("there is no host \"nobody\"", { from = "nobody" })
refuses("conn: this socket has no connection", { conn = listener })
refuses("a filter is a table", "S")
