-- nmap asks which ports are open, in two ways.
scene { needs = { "nmap" } }
local how = param("how", "-sT", { "-sT", "-sS" })
local target, scanner = host "target", host "scanner"
link(scanner, target)
local accepted = 0
target:listen(22, function() accepted = accepted + 1 end)

local report = scanner:run("nmap", how, "-n", "-Pn", "-p", "22,80", target).stdout
expect(report:match "22/tcp%s+open" and report:match "80/tcp%s+closed", "open, closed")
settle()
expect(accepted == (how == "-sT" and 1 or 0), "the server has seen it, or not")
