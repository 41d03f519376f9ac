-- Real programs in hosts: what run() and start() give back, what a program is given, how it ends.
scene { needs = { "sh", "cat" } }
local server, client = host "server", host "client"
local function shell(text, ...) return client:run("sh", "-c", text, ...) end

local done = shell "echo out; echo err >&2; exit 3"
expect(done.status == 3 and done.stdout == "out\n" and done.stderr == "err\n" and not done.signal, "status and output")
local killed = shell "kill -TERM $$"
expect(killed.status == 143 and killed.signal == "SIGTERM", "a signal, with the status that shells give it")
expect(client:run("cat", { input = "given\0text" }).stdout == "given\0text", "standard input, any bytes")
expect(client:run("cat").stdout == "", "is empty unless given")
expect(shell("cat a b", { files = { a = "one ", b = "two" } }).stdout == "one two", "files in its folder")
expect(shell("cat programs.lua", { files = { "programs.lua" } }).stdout:match "^%-%- Real programs", "those beside the scene")
expect(shell("./go", { files = { go = "#!/bin/sh\necho gone" } }).stdout == "gone\n", "can be run, too")
expect(shell("ls").stdout == "a\nb\ngo\nprograms.lua\n", "and stay on that host")
expect(server:run("sh", "-c", "ls").stdout == "", "but on no other")
expect(shell('echo "$0 $1 $2"', 4, 0.5, server).stdout == "4 0.5 server\n", "numbers and hosts are arguments, too")
expect(shell("hostname").stdout == "client\n" and shell("pwd").stdout == "/tmp\n", "where it is")

-- In the background; the story goes on.
local cat = server:start("sh", "-c", "trap 'echo ending; exit 7' TERM; echo ready; while :; do read -r x <>/run/lock/none; done")
expect(cat:running() and cat.name:match "^sh", "it runs")
expect(function() return cat.stdout == "ready\n" end, "what it has printed so far")
local early, code = cat:wait("1ms")
expect(early == nil and code == "timeout", "it does not end by itself")
cat:stop()
local ended = cat:wait()
expect(ended.status == 7 and ended.stdout == "ready\nending\n" and not cat:running(), "it was asked to end, and did")
expect(cat:wait().status == 7, "which it still says later")
local deaf = server:start("sh", "-c", "trap '' TERM; echo ready; sleep 1000")
expect(function() return deaf.stdout == "ready\n" end, "it does not listen")
do
  local closed <close> = deaf
end
expect(deaf:wait().signal == "SIGKILL", "<close> ends it, and who does not hear is killed")

-- Several actors at once, each with its own.
local group = spawn("several", 5, function(i) return shell("echo " .. i).stdout end)
expect(table.concat(group:join()) == "1\n2\n3\n4\n5\n", "each gets what is his")

-- Names of hosts are known to all, and nobody else's.
expect(shell("cat /etc/hosts").stdout:match(server.address:gsub("%.", "%%.") .. " server\n"), "each host has its name")
expect(shell("cat /etc/resolv.conf").stdout:match "nameserver" == nil, "nobody else is asked")
