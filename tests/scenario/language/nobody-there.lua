-- An address that nobody has: the script's own limit comes first, else the kernel gives up asking for it.
local client, other = host "client", host "other"
local began = now()
local conn, code, sentence = client:connect("10.1.200.200", 80, { timeout = "50ms" })
expect(conn == nil and code == "timeout", "the limit of the script")
expect(sentence:find("the limit set by the script is over", 1, true), "says so")
expect(now() - began >= 0.05 and now() - began < 1, "as long as it was asked to")
began = now()
conn, code = client:connect("10.1.200.201", 80)
expect(conn == nil and code == "EHOSTUNREACH", "no answer to ARP")
expect(now() - began > 0.5 and now() - began < 10, "after about three seconds")
expect(packets.count() == 0, "no packet ever left")
