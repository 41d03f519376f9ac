-- An actor runs until it waits; a new one starts when its maker next waits; packets arrive only while actors wait.
local server, client = host "server", host "client"
local listener = server:listen(80)

local steps = {}
local function step(name) steps[#steps + 1] = name end
local function so_far() return table.concat(steps, " ") end

spawn("first", function()
  step "first"
  sleep(0)
  step "first-again"
end)
spawn("second", function() step "second" end)
step "main"
expect(so_far() == "main", "nobody runs before the maker waits")
sleep(0)
expect(so_far() == "main first second", "then in the order in which they were made")
sleep(0)
expect(so_far() == "main first second first-again", "who was ready first goes first")

local near = client:connect(server, 80)
local far = listener:accept()
local before = #packets { from = client, data = true }
near:send "x"
local own = packets { from = client, data = true }
expect(#own == before + 1, "a call that returns has its packets in packets()")
expect(own[#own].fate == "on the wire", "the far end has not got them yet")
expect(far:queues() == 0, "so its queue is empty")
for _ = 1, 1000 do near:state() end
expect(far:queues() == 0, "and stays so while nobody waits")
expect(function() return far:queues() == 1 end, "waiting lets it arrive")
expect(packets { id = own[#own].id }[1].fate == "delivered", "which its fate says too")
