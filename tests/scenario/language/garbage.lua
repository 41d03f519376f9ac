-- Handles live until they are closed or the scene ends: neither forgetting one nor the end of its actor closes anything.
local server, client = host "server", host "client"
local listener = server:listen(80)
local function forget() client:connect(server, 80) end
forget()
local far = listener:accept()
spawn("gone", function() client:connect(server, 80) end):join()
local second = listener:accept()
spawn("failed", function()
  local conn = client:connect(server, 80)
  return conn:fd()
end):join()
local third = listener:accept()
local heap = {}
for i = 1, 200000 do heap[i % 100] = { i } end -- enough to collect garbage several times
settle()
expect(packets.count { flags = "F" } == 0 and packets.count { flags = "R" } == 0, "nobody has said goodbye")
for _, conn in ipairs { far, second, third } do expect(conn:state() == "ESTABLISHED", "all are connected") end
