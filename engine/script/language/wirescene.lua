---@meta wirescene
-- The words that scenes are written in: for people, for `wirescene language`, and for editors with the Lua language server.
-- scripts/REFERENCE.md is made from this file by `make reference`; tests hold it against what the engine really offers.
--
-- Form: `-- ## Heading` begins a part, the comment lines behind it are its introduction. Each word has a block of `---`
-- lines: what it does, a paragraph `Fails:` with a code in backticks and when it comes, for each; one example; then
-- LuaCATS annotations. An example stands alone if it makes hosts, else behind the lines in the first introduction.

-- # The language of scenes
-- A scene is a Lua 5.4 script. Nothing needs `require`: the words below are there, and any other global name, read or
-- set, is an error.
--
-- Of Lua itself: `assert` `error` `getmetatable` `ipairs` `load` `next` `pairs` `pcall` `rawequal` `rawget` `rawlen`
-- `rawset` `select` `setmetatable` `tonumber` `tostring` `type` `xpcall` `_VERSION`, and the libraries `math` `os`
-- `string` `table` `utf8`; `math.random` follows `--seed`; there is no
-- `string.dump`, no `__gc`, no `coroutine` (`spawn` is the way), and nothing that reaches files, programs or the network
-- outside. Memory (256 MiB) and the time between two waits (2 s) are limited.
--
-- **Failures.** What the network does is a value, never an error: `nil`, a code, a sentence, and where something had been
-- moved by then a fourth value, the part. The code is the kernel's name of the error (`"ECONNREFUSED"`), `"closed"` for
-- FIN and only FIN, `"timeout"` for a limit of the script's own. Wrong use is an error that names the line and what would
-- be right.
--
-- **Order.** An actor runs until it waits; packets arrive only while all wait. A call that returns has its packets on the
-- wire; the far end has not got them yet.
--
-- **Closing.** A handle lives until it is closed or the scene ends; `local x <close> = …` closes it at the end of the
-- block. Collecting garbage closes nothing.
--
-- **Examples** that make no hosts stand behind these lines:
--
-- ```lua
-- local server, client = host "server", host "client"
-- local wire = link(client, server)
-- local listener = server:listen(80)
-- local near = client:connect(server, 80) -- the client's end
-- local far = listener:accept() -- the server's end of the same connection
-- ```

-- ## Values with units

---A time: seconds, or a text with its unit: `"20ms"`, `"2s"`, `"1m"`. Results are seconds.
---@alias Time number|string

---A size: bytes, or a text with its unit: `"64KiB"`, `"1MiB"`. Results are bytes.
---@alias Size integer|string

---A share of all, from 0 to 1, or a text: `"1%"`.
---@alias Share number|string

---A text, or one in two languages of which `--lang` or the locale chooses: `{ ko = "…", en = "…" }`.
---@alias Text string|number|{ ko: string?, en: string? }

---A host: the object, its name, or one of its addresses.
---@alias Place Host|string

---In a filter, a function of the value that says whether to keep it. It must not wait.
---@alias Decider fun(value: any): any

---A state of a TCP socket, by the kernel's names.
---@alias State
---| "ESTABLISHED"
---| "SYN_SENT"
---| "SYN_RECV"
---| "FIN_WAIT1"
---| "FIN_WAIT2"
---| "TIME_WAIT"
---| "CLOSE"
---| "CLOSE_WAIT"
---| "LAST_ACK"
---| "LISTEN"
---| "CLOSING"

-- ## The story

---The title of the scene, at its top.
---
---```lua
---title { ko = "메시지 하나, 패킷 몇 개?", en = "One message, how many packets?" }
---local server, client = host "server", host "client"
---```
---@param text Text
function title(text) end

---What there is to say of the scene as a whole, at its top.
---
---```lua
---scene { author = "Kim", about = "Who closes first?", tags = { "tcp", "close" }, time_limit = "30s", linger = "1s" }
---local server, client = host "server", host "client"
---```
---@param options SceneOptions
function scene(options) end

---@class SceneOptions
---@field author? Text
---@field about? Text  a sentence or two
---@field tags? string[]
---@field needs? string[]  programs that must be on this machine
---@field time_limit? Time  the scene ends as failed when it is over (120 s unless told)
---@field linger? Time  keeps watching so long at the end, for what the kernel still does (TIME_WAIT)
---@field observe? Observed|Observed[]  how closely sockets are looked at, beyond their states

---How closely sockets are looked at. Unless told, `queue` events say where bytes or connections wait for a moment, and
---which timer has run out. `"queues"`: after every call and every packet. `"tcp"`: the figures of `info()` too, as `tcp`
---events, whenever they have changed. `"none"`: states alone, which costs least.
---@alias Observed "queues"|"tcp"|"none"

---Narration on the timeline, filled in as `string.format` does.
---
---```lua
---say("%d bytes are on their way.", near:send "hello")
---```
---@param text Text
---@param ... any  values for `%d`, `%s` and so on
function say(text, ...) end

---Narration that waits for the presenter's key. It goes on at once when nobody presents.
---
---```lua
---cue "How many segments will it be?"
---near:send(bytes(5000))
---```
---@param text Text
---@param ... any  values for `%d`, `%s` and so on
function cue(text, ...) end

---Values in the log, separated by tabs.
---
---```lua
---print("queues", far:queues())
---```
---@param ... any
function print(...) end

---A knob of the scene, turned with `--set name=value`. Its value has the type of the default.
---
---```lua
---local backlog = param("backlog", 1, { 1, 5, 128 })
---say("A backlog of %d.", backlog)
---```
---@generic T : string|number|boolean
---@param name string
---@param default T
---@param choices? T[]  no other values are allowed
---@return T value
function param(name, default, choices) end

---A check, which is what the audience must see. One that fails does not stop the scene, and shows the values of the
---locals in its line. A function is asked again until it is true: for all that the far end must do first.
---
---```lua
---near:send "hello"
---expect(packets.count { from = client, data = true } == 1, "one segment")
---expect(function() return far:queues() == 5 end, "which arrives", { within = "1s" })
---```
---@param condition any  a value, or a function that must not wait
---@param text? Text  what holds
---@param options? ExpectOptions
---@return any condition
function expect(condition, text, options) end

---@class ExpectOptions
---@field within? Time  how long a function is asked (2 s unless told)

---Waits until nothing has moved on the wires for a quarter of a second: before checks of what must not have happened.
---
---Fails: `timeout` the wires did not get quiet within the limit.
---
---```lua
---near:send "hello"
---settle()
---expect(packets.count { note = "retransmission" } == 0, "nothing was sent twice")
---```
---@param limit? Time
---@return true quiet
function settle(limit) end

---Runs a Lua file beside the scene, once, and gives what it returns. Names with dots are in folders.
---@param name string  without `.lua`
---@return any result
function require(name) end

-- ## Hosts and networks
-- The network stands at the first call that uses it; hosts, links and switches come before.

---A host with a network stack of its own.
---
---```lua
---local server = host("server", { sysctl = { tcp_syncookies = 0 } })
---local client = host "client"
---say("%s is at %s", server.name, server.address)
---```
---@param name string
---@param options? HostOptions
---@return Host
function host(name, options) end

---@class HostOptions
---@field address? string  an IPv4 address on its first network
---@field sysctl? table<string, string|number>  settings from the start; names as in `host:sysctl()`
---@field descriptors? integer  so many the host may have in use, 0 to 2 included: then calls fail with `EMFILE`
---@field ipv6? boolean  it has addresses of IPv6 too: `host.address6`
---@field arp? boolean  what it asks its neighbours about their addresses is a packet like others; else the wire answers unseen

---A host that forwards packets between its networks. Other hosts get their default route to the one they share a wire
---with.
---
---```lua
---local left, right, middle = host "left", host "right", router "middle"
---link(left, middle)
---link(middle, right)
---right:listen(80)
---expect(left:connect(right, 80), "across two wires")
---```
---@param name string
---@param options? HostOptions
---@return Host
function router(name, options) end

---A wire between two hosts. Hosts without one share a switch, 1 ms each way.
---
---```lua
---local server, client = host "server", host "client"
---local wire = link(client, server, { delay = "20ms", mtu = 576 })
---server:listen(80)
---local began = now()
---client:connect(server, 80)
---expect(now() - began >= 0.04, "a round trip")
---```
---@param a Place
---@param b Place
---@param options? WireOptions
---@return Wire
function link(a, b, options) end

---What a wire does to packets, each direction for itself. Zero clears. Chance follows `--seed`: each setting of each
---direction draws for itself, so that a change of one leaves the decisions of the others.
---@class WireOptions
---@field delay? Time  from end to end, one way (0 for a link, 1 ms for a switch); reorders nothing by itself
---@field jitter? Time  the delay varies by so much; reorders nothing by itself
---@field distribution? "uniform"|"normal"  of the jitter: up to so much more or less, or as the standard deviation ("uniform")
---@field loss? Share  of the packets
---@field burst? BurstOptions  losses in bursts (Gilbert-Elliott)
---@field reorder? Share  of the packets arrives later than it would
---@field reorder_by? Time  by so much ("1ms")
---@field duplicate? Share  of the packets arrives twice
---@field corrupt? Share  of the packets arrives with a wrong bit
---@field rate? integer|string  bits a second of whole frames, `"10mbit"`; what comes faster waits in the queue
---@field queue? integer|string  packets, or bytes as in `"64KiB"`, that may wait for the rate; the next is dropped (1000)
---@field ecn? integer|string  a packet that finds so much waiting is marked "congestion experienced", if its sender takes part
---@field path_mtu? Size  larger packets are refused, and the sender is told by ICMP "fragmentation needed"
---@field black_hole? Size  larger packets vanish, and nobody is told
---@field mtu? integer  bytes of the interfaces at its ends (1500); of the whole wire, not of one direction

---@class BurstOptions
---@field enter? Share  probability that the next packet begins a burst
---@field leave? Share  probability that the next packet ends it ("25%")
---@field loss? Share  what is lost in a burst (1)

---A network of several hosts.
---
---```lua
---local a, b, c = host "a", host "b", host "c"
---local office = switch("office", { a, b, c }, { delay = "5ms" })
---c:listen(80)
---expect(a:connect(office:address(c), 80), "on the same network")
---```
---@param name string
---@param hosts Place[]
---@param options? WireOptions
---@return Wire
function switch(name, hosts, options) end

---A wire, of two hosts or of a switch.
---@class Wire: Direction
local wire = {}

---The address that a host has on this wire.
---
---```lua
---say("The client is %s here.", wire:address(client))
---```
---@param host Place
---@return string address
function wire:address(host) end

---The same of IPv6.
---
---```lua
---local a, b = host("a", { ipv6 = true }), host("b", { ipv6 = true })
---local lan = link(a, b)
---b:listen(80)
---expect(a:connect(lan:address6(b), 80), "by IPv6")
---```
---@param host Place
---@return string address
function wire:address6(host) end

---One direction of the wire: what comes from that host.
---
---```lua
---wire:from(server):drop { data = true }
---near:send "still arrives"
---expect(far:recv(), "the other direction is as it was")
---```
---@param host Place
---@return Direction direction
function wire:from(host) end

---@class Host
---@field name string
---@field address string  its first one
---@field address6 string  its first one of IPv6
---@field wire Wire  its first one
---@field lo Wire  its loopback, to look at: `packets { on = server.lo }`; to be named before it is used
local host = {}

---Of a router: what leaves by this wire has the router's own address as its source.
---
---```lua
---local inside, outside, gate = host "inside", host "outside", router "gate"
---link(inside, gate)
---local street = link(gate, outside)
---gate:masquerade(street)
---local listener = outside:listen(80)
---inside:connect(outside, 80)
---expect(listener:accept():peer_address() == street:address(gate), "that is all the far end knows")
---```
---@param wire Wire
function host:masquerade(wire) end

---Of a router: connections to this port of its own go to a port of a host.
---
---```lua
---local web, user, gate = host "web", host "user", router "gate"
---link(web, gate)
---local street = link(gate, user)
---gate:publish(8080, web, 80)
---web:listen(80)
---expect(user:connect(street:address(gate), 8080), "the router is its server, as far as it knows")
---```
---@param port integer
---@param to Place
---@param to_port integer
function host:publish(port, to, to_port) end

---Of a router: nothing is forwarded between these two wires.
---
---```lua
---local a, b, gate = host "a", host "b", router "gate"
---local left, right = link(a, gate), link(b, gate)
---gate:forbid(left, right)
---b:listen(80)
---local _, code = a:connect(b, 80, { timeout = "100ms" })
---expect(code == "timeout", "silence")
---```
---@param a Wire
---@param b Wire
function host:forbid(a, b) end

---A setting of the kernel on this host, read or set.
---
---```lua
---client:sysctl("tcp_syn_retries", 2)
---expect(client:sysctl "net.ipv4.tcp_syn_retries" == 2, "set")
---```
---@param name string  without a dot under `net.ipv4`, then `net.core`
---@param value? string|number
---@return string|integer value  as it is then
function host:sysctl(name, value) end

---The host's TCP sockets as `ss` shows them: also those that nobody has accepted, and those without a descriptor.
---
---```lua
---expect(#server:sockets { state = "ESTABLISHED", port = 80 } == 1, "one connection")
---for _, row in ipairs(server:sockets()) do print(row.state, row.port, row.peer, row.recv_q) end
---```
---@param filter? SocketFilter
---@return SocketRow[] rows
function host:sockets(filter) end

---Fields that rows must have; a function as value decides.
---@class SocketFilter
---@field state? State|Decider
---@field address? string|Decider
---@field port? integer|Decider
---@field peer? string|Decider
---@field peer_port? integer|Decider
---@field recv_q? integer|Decider
---@field send_q? integer|Decider
---@field timer? string|Decider
---@field expires? number|Decider
---@field retransmits? integer|Decider
---@field conn? Socket  either end of it

---@class SocketRow
---@field state State
---@field address string  of this end
---@field port integer
---@field peer string  of the other end
---@field peer_port integer
---@field recv_q integer  bytes not read, a FIN counts as one; of a listener: connections not accepted
---@field send_q integer  bytes not acknowledged, SYN and FIN count as one; of a listener: its backlog
---@field timer string  the kernel's timer that runs: `off`, `retransmit`, `keepalive`, `time_wait`, `probe`
---@field expires number  seconds until it is over
---@field retransmits integer  how often that timer has run out in a row

---How many TCP sockets the host has, in a state or by state (0 where there are none).
---
---```lua
---expect(server:count "LISTEN" == 1 and server:count().TIME_WAIT == 0, "nobody has closed")
---```
---@param state? State
---@return integer|table<State, integer> count
---@overload fun(self: Host): table<State, integer>
function host:count(state) end

---Counts the host's TCP sockets by state again and again, and tells each change as a `count` event, until it is stopped. It
---does not keep the scene.
---
---```lua
---local watch = server:watch { every = "20ms" }
---sleep "50ms"
---expect(watch:max "ESTABLISHED" == 1, "one at most")
---```
---@param options? WatchOptions
---@return Watch watch
function host:watch(options) end

---@class WatchOptions
---@field every? Time  between two looks, 1 ms or more (0.1 s unless told)

---@class Watch
local watch = {}

---The most sockets in that state that it has seen at once.
---
---```lua
---local watch <close> = client:watch()
---expect(watch:max "LISTEN" == 0, "nobody listens there")
---```
---@param state State
---@return integer count
function watch:max(state) end

---What it has seen, a table whenever that had changed, the oldest first: `time`, as `now()` tells it, and how many
---sockets were in each state (0 where there were none).
---
---```lua
---local watch <close> = server:watch()
---expect(watch:samples()[1].ESTABLISHED == 1, "it looks at once")
---```
---@return table<string, number>[] samples
function watch:samples() end

---Looks no more. `local watch <close> = …` does it at the end of the block.
---
---```lua
---local watch = server:watch()
---watch:stop()
---```
function watch:stop() end

---What the kernel has counted on this host since the scene began, by the names of `nstat`; 0 for what it has not.
---
---```lua
---expect(client:counters().TcpActiveOpens == 1, "one connect")
---```
---@return table<string, integer> counters
function host:counters() end

-- ## Servers and clients

---Socket, bind, listen; with a handler also accept, again and again: each connection is an actor of its own, and closed
---when its handler ends. `model` chooses another way to serve, with the calls that such a server makes. In an event loop
---(`"select"`, `"poll"`, `"epoll"`) a handler that waits for its own connection, or sleeps, lets others be served;
---whatever else it waits for, `busy` too, holds up all of them.
---
---Fails: `EADDRINUSE` another socket has the port.
---
---```lua
---server:listen(8080, { backlog = 5 }, function(conn)
---  for line in conn:lines() do conn:send("you said " .. line .. "\n") end
---end)
---local conn = client:connect(server, 8080)
---conn:send "hello\n"
---expect(conn:receive "line" == "you said hello", "served")
---```
---@param port integer  0: the kernel chooses
---@param options? ListenOptions
---@param handler? fun(conn: Socket)
---@return Socket listener
---@return string? code
---@return string? sentence
---@overload fun(self: Host, port: integer, handler: fun(conn: Socket)): Socket, string?, string?
function host:listen(port, options, handler) end

---Options of the socket too, such as `reuseaddr = true`; connections have them from their listener.
---@class ListenOptions: SocketOptions
---@field backlog? integer  how many connections wait to be accepted (128)
---@field model? ServerModel  who serves, and how (`"threads"`)
---@field workers? integer  in a `"pool"` (4)

---@alias ServerModel
---| "blocking"  # one actor, one connection after the other
---| "threads"  # an actor for each connection
---| "pool"  # several actors, each like `"blocking"`
---| "select"  # an event loop: one actor for all, around select(2)
---| "poll"  # around poll(2)
---| "epoll"  # around epoll(7)

---Socket and connect; waits until the connection is there.
---
---Fails: `ECONNREFUSED` nobody listens there: the answer was RST. `ETIMEDOUT` the kernel got no answer and gave up.
---`timeout` the limit is over. `EADDRINUSE` the own port is taken. `EADDRNOTAVAIL` no port is left.
---
---```lua
---local conn, code = client:connect(server, 81, { timeout = "1s" })
---expect(conn == nil and code == "ECONNREFUSED", "nobody listens there")
---```
---@param to Place
---@param port integer
---@param options? ConnectOptions
---@return Socket conn
---@return string? code
---@return string? sentence
function host:connect(to, port, options) end

---Options of the socket too, such as `nodelay = true`.
---@class ConnectOptions: SocketOptions
---@field timeout? Time  of the connect alone
---@field from_port? integer  the own port; the kernel chooses unless told

-- ## Sockets
-- One kind of handle for both: what a listener has no use for fails there as the kernel says.

---@class Socket
local conn = {}

---A socket by itself, to be used call by call: what it is good for is decided by its calls, and told by their errors.
---
---Fails: `EMFILE` the host has no descriptor left.
---
---```lua
---local door = server:socket "tcp"
---door:bind(8080)
---door:listen(5)
---local visitor = client:socket "tcp"
---visitor:connect(server, 8080)
---expect(door:accept():state() == "ESTABLISHED", "by hand")
---```
---@param kind "tcp"|"udp"|"icmp"|"icmpv6"|"raw"
---@param protocol? integer|"icmp"|"tcp"|"udp"  of a raw socket; ICMP unless told
---@return Socket conn
---@return string? code
---@return string? sentence
function host:socket(kind, protocol) end

---One ICMP echo request and what comes of it: the round-trip time in seconds. A failure has the address of who told as its
---fourth value.
---
---Fails: `timeout` no answer came. `EHOSTUNREACH` nobody answers for that address, a router says so, or the packet has
---expired on its way. `ENETUNREACH` there is no route to that network. `EACCES` this machine allows no such sockets.
---
---```lua
---local time = client:ping(server)
---say("%.1f ms", time * 1000)
---```
---@param to Place
---@param options? PingOptions
---@return number time
---@return string? code
---@return string? sentence
---@return string? by
function host:ping(to, options) end

---@class PingOptions
---@field timeout? Time  how long to wait for the answer (4 s)
---@field size? integer  bytes of data in it (56)
---@field ttl? integer  how many hops it may go

---Gives the socket its own address: a port of all addresses, or of one.
---
---Fails: `EADDRINUSE` another socket has it. `EINVAL` it has one already. `EADDRNOTAVAIL` the host has no such address.
---
---```lua
---local door = server:socket "tcp"
---expect(select(2, door:bind(80)) == "EADDRINUSE", "the listener has it")
---door:bind(server.address, 8080)
---```
---@param address Place  or only the port
---@param port integer  0: the kernel chooses
---@return true
---@return string? code
---@return string? sentence
---@overload fun(self: Socket, port: integer): true, string?, string?
function conn:bind(address, port) end

---Makes a listener of it; again: another backlog.
---
---Fails: `EADDRINUSE` another socket listens at its port.
---
---```lua
---listener:listen(5)
---expect(select(2, listener:queues()) == 5, "another limit")
---```
---@param backlog? integer  how many connections wait to be accepted (128)
---@return true
---@return string? code
---@return string? sentence
function conn:listen(backlog) end

---Connects; waits until the connection is there, unless it is non-blocking.
---
---Fails: as `host:connect` does. `EINPROGRESS` it is non-blocking, and under way. `EALREADY` it still is. `EISCONN` it is
---connected already.
---
---```lua
---local visitor = client:socket "tcp"
---visitor:nonblocking(true)
---local _, code = visitor:connect(server, 80)
---expect(code == "EINPROGRESS", "under way")
---expect(function() return visitor:state() == "ESTABLISHED" end, "and there")
---```
---@param to Place
---@param port integer
---@param options? SocketConnectOptions
---@return true
---@return string? code
---@return string? sentence
function conn:connect(to, port, options) end

---@class SocketConnectOptions
---@field timeout? Time  of this connect

---Takes the next connection of a listener; waits for one.
---
---Fails: `timeout` the limit is over. `EAGAIN` the listener is non-blocking and none is there.
---
---```lua
---local another = client:connect(server, 80)
---local conn = listener:accept()
---expect(select(2, conn:peer_address()) == select(2, another:local_address()), "its other end")
---```
---@return Socket conn
---@return string? code
---@return string? sentence
function conn:accept() end

---Sends bytes; waits until the kernel has taken them all (if non-blocking: as many as it takes). The part is how many it
---took before a failure.
---
---Fails: `EPIPE` this connection can no longer send. `ECONNRESET` the peer sent RST. `timeout` the limit is over.
---`EAGAIN` it is non-blocking and the buffer is full. `ETIMEDOUT` the kernel got no answer and gave up.
---
---```lua
---expect(near:send "ping\n" == 5, "taken by the kernel, not yet by the peer")
---```
---@param data string|number
---@return integer bytes
---@return string? code
---@return string? sentence
---@return integer? part
function conn:send(data) end

---Exactly one recv(2): waits until something is there, and takes what there is.
---
---Fails: `closed` the peer has sent FIN. `ECONNRESET` the peer sent RST. `timeout` the limit is over. `EAGAIN` it is
---non-blocking and nothing is there. `ETIMEDOUT` the kernel got no answer and gave up.
---
---```lua
---near:send "one"
---near:send "two"
---settle()
---expect(far:recv() == "onetwo", "TCP has no messages")
---```
---@param max? Size  64 KiB unless told
---@return string data
---@return string? code
---@return string? sentence
function conn:recv(max) end

---As many recv(2) as it takes for so many bytes, a line (given without its newline), or all until FIN. The part is what
---came before a failure.
---
---Fails: `closed` the peer has sent FIN. `ECONNRESET` the peer sent RST. `timeout` the limit is over. `EMSGSIZE` the line
---is longer than the limit. `EAGAIN` it is non-blocking and not all is there.
---
---```lua
---near:send "PING 5\nhello"
---local size = far:receive "line":match "%d+"
---expect(far:receive(tonumber(size)) == "hello", "a length, then so many bytes")
---```
---@param what Size|"line"|"all"
---@param limit? Size  for `"line"`: at most so many bytes with the newline (1 MiB)
---@return string data
---@return string? code
---@return string? sentence
---@return string? part
function conn:receive(what, limit) end

---Lines until FIN or any failure, for `for`.
---
---```lua
---near:send "one\ntwo\n"
---near:close()
---for line in far:lines() do say("The client said %s.", line) end
---```
---@return fun(): string? lines
function conn:lines() end

---One HTTP request and its answer; the connection stays for the next one.
---
---Fails: as `send` and `receive` do. `EBADMSG` the answer is no HTTP.
---
---```lua
---server:http(8080, { ["/ping"] = "pong\n" })
---local conn = client:connect(server, 8080)
---for _ = 1, 20 do expect(conn:request("GET", "/ping").body == "pong\n", "over one connection") end
---```
---@param method string
---@param path string
---@param options? MessageOptions
---@return Response response
---@return string? code
---@return string? sentence
---@return string? part
function conn:request(method, path, options) end

---@class MessageOptions
---@field headers? table<string, string|number>
---@field body? Body
---@field version? "1.0"|"1.1"

---Ends one direction or both: `"send"` is FIN.
---
---Fails: `ENOTCONN` there is no connection.
---
---```lua
---near:shutdown "send"
---expect(far:receive "all" == "" and far:send "still here" == 10, "half-closed")
---```
---@param way? "send"|"receive"|"both"
---@return true
---@return string? code
---@return string? sentence
function conn:shutdown(way) end

---The next error that ICMP has told about what this socket has sent, where the option `recverr` is on (MSG_ERRQUEUE): its
---code, what ICMP said (nil: this host found it itself), and the address of who told.
---
---Fails: `EAGAIN` there is none.
---
---```lua
---local asks = client:udp()
---asks:set("recverr", true)
---asks:sendto(server, 9, "anybody?")
---expect(select(2, asks:recv()) == "ECONNREFUSED", "the next call tells")
---expect(select(2, asks:queued_error()) == "port unreachable", "and the queue says why")
---```
---@return string code
---@return IcmpMessage? message
---@return string? by
function conn:queued_error() end

---Closes; nothing if it is closed already. With bytes unread this is RST, else FIN. With the option `linger` it waits until
---all is acknowledged or that time is over, which it does not tell; `<close>` never waits.
---
---```lua
---near:close()
---expect(far:receive "all" == "", "the end")
---```
---@return true
function conn:close() end

---Closes with RST.
---
---```lua
---near:abort()
---local _, code = far:recv()
---expect(code == "ECONNRESET", "reset")
---```
function conn:abort() end

---Another descriptor of the same socket, as dup(2): the socket is closed with the last one.
---
---```lua
---local copy = far:dup()
---far:close()
---expect(copy:state() == "ESTABLISHED", "still open")
---```
---@return Socket copy
---@return string? code
---@return string? sentence
function conn:dup() end

---A limit for each later call of this connection or listener; none without one.
---
---```lua
---far:timeout "10ms"
---local data, code = far:recv()
---expect(data == nil and code == "timeout", "nothing came")
---```
---@param limit? Time
function conn:timeout(limit) end

---Non-blocking mode: calls that would wait fail with `EAGAIN` instead.
---
---```lua
---far:nonblocking(true)
---local data, code = far:recv()
---expect(data == nil and code == "EAGAIN", "nothing there")
---```
---@param on? boolean  true unless told
function conn:nonblocking(on) end

---Sets an option of the socket, by the kernel's name or the short one, in the kernel's unit or with a unit.
---
---Fails: `ENOENT` there is no such congestion control. `EINVAL` the kernel does not take the value.
---
---```lua
---near:set("nodelay", true)
---near:set("TCP_KEEPIDLE", "2m")
---```
---@param option SocketOption
---@param value boolean|integer|string
---@return true
---@return string? code
---@return string? sentence
function conn:set(option, value) end

---An option of the socket, by the kernel's name or the short one.
---
---```lua
---expect(near:get "TCP_NODELAY" == false and near:get "maxseg" == 1448, "as the kernel has them")
---```
---@param option SocketOption
---@return boolean|number|string value  of `SO_ERROR` the code, 0 if there is none
---@return string? code
---@return string? sentence
function conn:get(option) end

---Its state, by the kernel's name.
---
---```lua
---expect(listener:state() == "LISTEN" and near:state() == "ESTABLISHED", "states")
---```
---@return State state
function conn:state() end

---The kernel's TCP_INFO, by its names without `tcpi_`: times in microseconds, windows in segments as the kernel has them.
---
---```lua
---say("round trip %d us, congestion window %d segments", near:info().rtt, near:info().snd_cwnd)
---```
---@return TcpInfo info
---@return string? code
---@return string? sentence
function conn:info() end

---@class TcpInfo
---@field state State
---@field ca_state integer  of congestion control: 0 open, 1 disorder, 2 CWR, 3 recovery, 4 loss
---@field retransmits integer  timeouts in a row
---@field probes integer  window or keepalive probes without an answer
---@field backoff integer
---@field options integer  bits: 1 timestamps, 2 SACK, 4 window scaling, 8 ECN
---@field snd_wscale integer
---@field rcv_wscale integer
---@field rto integer  us
---@field ato integer  us
---@field snd_mss integer  bytes
---@field rcv_mss integer  bytes
---@field unacked integer  segments; of a listener: connections not accepted
---@field sacked integer  segments; of a listener: its backlog
---@field lost integer  segments
---@field retrans integer  segments that were sent again and are not acknowledged
---@field fackets integer
---@field last_data_sent integer  ms ago
---@field last_data_recv integer  ms ago
---@field last_ack_recv integer  ms ago
---@field pmtu integer  bytes
---@field rcv_ssthresh integer  bytes
---@field rtt integer  us, smoothed
---@field rttvar integer  us
---@field snd_ssthresh integer  segments
---@field snd_cwnd integer  segments
---@field advmss integer  bytes
---@field reordering integer
---@field rcv_rtt integer  us
---@field rcv_space integer  bytes
---@field total_retrans integer  segments in all

---What waits in the kernel: bytes not read, and bytes not acknowledged. Of a listener: connections not accepted, and its
---backlog.
---
---```lua
---near:send "12345"
---expect(function() return far:queues() == 5 end, "nobody reads")
---```
---@return integer recv_q
---@return integer send_q
---@return string? sentence
function conn:queues() end

---Looks at this end of the connection more closely, or no more, from now on; see `scene`.
---
---```lua
---near:observe { "queues", "tcp" }
---near:send(bytes(5000))
---near:observe "none"
---```
---@param what Observed|Observed[]
function conn:observe(what) end

---The number of its descriptor on this host, counted from 3 as in a program of its own.
---
---```lua
---expect(listener:fd() == 3 and far:fd() == 4, "the lowest free one")
---```
---@return integer number
function conn:fd() end

---Its own address and port.
---
---```lua
---local address, port = near:local_address()
---expect(address == client.address and port >= 32768, "an ephemeral port")
---```
---@return string address
---@return integer port
---@return string? sentence
function conn:local_address() end

---The address and port of the other end.
---
---Fails: `ENOTCONN` there is no connection.
---
---```lua
---expect(select(2, near:peer_address()) == 80, "the server's port")
---```
---@return string address
---@return integer port
---@return string? sentence
function conn:peer_address() end

---Options of a socket, as socket(7), tcp(7), udp(7) and ip(7) tell of them; all are off or at the kernel's default unless asked.
---@class SocketOptions
---@field reuseaddr? boolean  a port in TIME_WAIT can be had
---@field reuseport? boolean
---@field keepalive? boolean
---@field broadcast? boolean
---@field oobinline? boolean
---@field dontroute? boolean
---@field linger? Time|false  seconds that `close` waits for the peer to take all; 0: it sends RST
---@field sndbuf? Size  the kernel takes twice what is asked
---@field rcvbuf? Size  the kernel takes twice what is asked
---@field rcvlowat? Size
---@field rcvtimeo? Time  then `EAGAIN`, as on a blocking socket
---@field sndtimeo? Time  then `EAGAIN`, as on a blocking socket
---@field priority? integer
---@field mark? integer
---@field bindtodevice? string  `"eth0"`, `"lo"`
---@field nodelay? boolean  no waiting for an ACK (Nagle)
---@field cork? boolean  only full segments, for 200 ms at most
---@field quickack? boolean  no delayed ACK, for the moment
---@field maxseg? Size  the MSS to announce and to send
---@field keepidle? Time  seconds as a number
---@field keepintvl? Time  seconds as a number
---@field keepcnt? integer
---@field user_timeout? Time  milliseconds as a number
---@field syncnt? integer  how often a SYN is repeated
---@field linger2? Time  seconds as a number, in FIN_WAIT2
---@field defer_accept? Time  seconds as a number
---@field window_clamp? Size
---@field notsent_lowat? Size
---@field fastopen? integer  of a listener: how many may be under way
---@field fastopen_connect? boolean
---@field congestion? string
---@field udp_cork? boolean
---@field udp_segment? Size  a datagram is cut into several of this size
---@field ttl? integer
---@field minttl? integer
---@field tos? integer
---@field mtu_discover? integer  0: fragments, 2: none (the flag DF)
---@field recverr? boolean  ICMP errors for sockets without a peer too
---@field freebind? boolean
---@field bind_address_no_port? boolean
---@field hdrincl? boolean
---@field multicast_ttl? integer
---@field multicast_loop? boolean

---@alias SocketOption
---| "SO_REUSEADDR"
---| "SO_REUSEPORT"
---| "SO_KEEPALIVE"
---| "SO_BROADCAST"
---| "SO_OOBINLINE"
---| "SO_DONTROUTE"
---| "SO_LINGER"
---| "SO_SNDBUF"
---| "SO_RCVBUF"
---| "SO_RCVLOWAT"
---| "SO_RCVTIMEO"
---| "SO_SNDTIMEO"
---| "SO_PRIORITY"
---| "SO_MARK"
---| "SO_BINDTODEVICE"
---| "SO_ERROR"  # read only
---| "SO_ACCEPTCONN"  # read only
---| "SO_TYPE"  # read only
---| "SO_PROTOCOL"  # read only
---| "SO_DOMAIN"  # read only
---| "TCP_NODELAY"
---| "TCP_CORK"
---| "TCP_QUICKACK"
---| "TCP_MAXSEG"
---| "TCP_KEEPIDLE"
---| "TCP_KEEPINTVL"
---| "TCP_KEEPCNT"
---| "TCP_USER_TIMEOUT"
---| "TCP_SYNCNT"
---| "TCP_LINGER2"
---| "TCP_DEFER_ACCEPT"
---| "TCP_WINDOW_CLAMP"
---| "TCP_NOTSENT_LOWAT"
---| "TCP_FASTOPEN"
---| "TCP_FASTOPEN_CONNECT"
---| "TCP_CONGESTION"
---| "UDP_CORK"
---| "UDP_SEGMENT"
---| "IP_TTL"
---| "IP_MINTTL"
---| "IP_TOS"
---| "IP_MTU"  # read only
---| "IP_MTU_DISCOVER"
---| "IP_RECVERR"
---| "IP_FREEBIND"
---| "IP_BIND_ADDRESS_NO_PORT"
---| "IP_HDRINCL"
---| "IP_MULTICAST_TTL"
---| "IP_MULTICAST_LOOP"
---| string  # the short names, as in SocketOptions

---A UDP socket; with a handler also recvfrom, again and again.
---
---Fails: `EADDRINUSE` another socket has the port.
---
---```lua
---server:udp(53, function(data, address, port, socket) socket:sendto(address, port, data:upper()) end)
---local near = client:udp()
---near:sendto(server, 53, "hello")
---expect(near:recv() == "HELLO", "a datagram each")
---```
---@param port? integer  the kernel chooses at the first `sendto` unless told
---@param options? UdpOptions
---@param handler? fun(data: string, address: string, port: integer, socket: Socket)
---@return Socket conn
---@return string? code
---@return string? sentence
---@overload fun(self: Host, port: integer, handler: fun(data: string, address: string, port: integer, socket: Socket)): Socket, string?, string?
function host:udp(port, options, handler) end

---Options of the socket.
---@class UdpOptions: SocketOptions

---Sends one datagram. Sockets of ICMP and raw ones have no port: `sendto(to, data)`.
---
---Fails: `EMSGSIZE` it is too long for one datagram, or fragments are forbidden. `ECONNREFUSED` with the option `recverr`:
---nobody had the port that an earlier one went to. `ENETUNREACH` there is no route. `EINVAL` an icmp socket takes nothing
---but echo requests. `EFAULT` a raw socket wants the header of its protocol.
---
---```lua
---local near, far = client:udp(), server:udp(53)
---near:sendto(server, 53, "one")
---near:sendto(server, 53, "two")
---expect(far:recv() == "one" and far:recv() == "two", "UDP has messages")
---```
---@param to Place
---@param port integer
---@param data string|number
---@return integer bytes
---@return string? code
---@return string? sentence
---@overload fun(self: Socket, to: Place, data: string|number): integer, string?, string?
function conn:sendto(to, port, data) end

---Waits for one datagram; who sent it; and `"truncated"` where it was longer: the rest is lost.
---
---Fails: `timeout` the limit is over. `EAGAIN` it is non-blocking and nothing is there.
---
---```lua
---local near, far = client:udp(5000), server:udp(53)
---near:sendto(server, 53, "hello")
---local data, address, port = far:recvfrom()
---expect(data == "hello" and address == client.address and port == 5000, "and who said it")
---```
---@param max? Size  64 KiB unless told
---@return string data
---@return string address
---@return string|integer port
---@return string? truncated
function conn:recvfrom(max) end

---What `recv` would give; it stays there.
---
---Fails: `timeout` the limit is over. `EAGAIN` it is non-blocking and nothing is there.
---
---```lua
---near:send "hello"
---expect(far:peek(2) == "he" and far:recv() == "hello", "looked at first")
---```
---@param max? Size  64 KiB unless told
---@return string data
---@return string? code
---@return string? sentence
function conn:peek(max) end

-- ## Waiting on many
-- The real calls. They give a list of the sockets that are ready, listeners among them; `list[conn]` says for what:
-- `"read"`, `"write"`, `"hangup"`, `"error"`, several joined by `+`. It is empty when time is out.

---@class Ready
---@field [integer] Socket
---@field [Socket] string

---poll(2), in the order of the list.
---
---```lua
---near:send "hello"
---local ready = server:poll({ far, listener }, "1s")
---expect(ready[1] == far and ready[far] == "read", "something to read")
---```
---@param set Socket[]|{ write: Socket[] }  those to read, and `write = { … }`
---@param limit? Time  0: only look
---@return Ready ready
---@return string? code
---@return string? sentence
function host:poll(set, limit) end

---select(2), in the order of the list. It has no bit for descriptors from 1024 on.
---
---```lua
---local ready = server:select({ far, write = { far } }, 0)
---expect(ready[far] == "write", "room to write")
---```
---@param set Socket[]|{ write: Socket[] }  those to read, and `write = { … }`
---@param limit? Time  0: only look
---@return Ready ready
---@return string? code
---@return string? sentence
function host:select(set, limit) end

---An epoll: the kernel keeps the list.
---
---Fails: `EMFILE` the host has no descriptor left.
---
---```lua
---local loop = server:epoll { edge = true }
---loop:add(far)
---near:send(bytes(4000))
---far:recv(loop:wait()[far] == "read" and 1000)
---expect(#loop:wait "10ms" == 0, "edge: said once, though 3000 bytes are there")
---```
---@param options? EpollOptions
---@return Epoll epoll
---@return string? code
---@return string? sentence
function host:epoll(options) end

---@class EpollOptions
---@field edge? boolean  says once what has become ready; level triggered unless asked
---@field oneshot? boolean  says it once, until `modify`

---@class Epoll
local epoll = {}

---Puts a socket in.
---
---Fails: `EEXIST` it is in already.
---
---```lua
---local loop = server:epoll()
---loop:add(far, "both")
---expect(loop:wait()[far] == "write", "room to write")
---```
---@param conn Socket
---@param what? "read"|"write"|"both"
---@return true
---@return string? code
---@return string? sentence
function epoll:add(conn, what) end

---Asks anew, or for something else.
---
---Fails: `ENOENT` it is not in.
---
---```lua
---local loop = server:epoll()
---loop:add(far, "both")
---loop:modify(far, "read")
---expect(#loop:wait(0) == 0, "nothing to read")
---```
---@param conn Socket
---@param what? "read"|"write"|"both"
---@return true
---@return string? code
---@return string? sentence
function epoll:modify(conn, what) end

---Takes a socket out.
---
---Fails: `ENOENT` it is not in.
---
---```lua
---local loop = server:epoll()
---loop:add(far, "write")
---loop:remove(far)
---expect(#loop:wait(0) == 0, "it is not told any more")
---```
---@param conn Socket
---@return true
---@return string? code
---@return string? sentence
function epoll:remove(conn) end

---Waits until one of them is ready; in the order in which the kernel found them so.
---
---Fails: `EBADF` another actor closed it meanwhile.
---
---```lua
---local loop = server:epoll()
---loop:add(listener)
---client:connect(server, 80)
---expect(loop:wait "1s"[listener] == "read", "somebody is there")
---```
---@param limit? Time  0: only look
---@return Ready ready
---@return string? code
---@return string? sentence
function epoll:wait(limit) end

---The number of its descriptor.
---
---```lua
---expect(server:epoll():fd() == 5, "the lowest free one")
---```
---@return integer number
function epoll:fd() end

---Closes it; nothing if it is closed already.
---
---```lua
---local loop = server:epoll()
---loop:close()
---```
function epoll:close() end

-- ## HTTP
-- On sockets of the scene, plainly: no field is sent that is not needed or asked for. Connections stay open as HTTP/1.1
-- says; a text or an answer of known length has Content-Length, a list or a function goes in chunks.

---An HTTP server. A route is `"/path"`, or `"POST /path"` for one method; a path that ends with `*` stands for all that
---begin so. It answers with a text, an `Answer`, or a function of the request that gives one of them; a text or an
---`Answer` at `"/path"` is for GET and HEAD, a function for all methods. What is not there is 404, another method 405, a
---function that fails 500, and its error is the scene's.
---
---Fails: `EADDRINUSE` another socket has the port.
---
---```lua
---server:http(8080, {
---  ["/ping"] = "pong\n",
---  ["/long"] = bytes(5000),
---  ["/slow"] = function(request) sleep "50ms" return request.query.name .. "\n" end,
---  ["POST /form"] = function(request) return { status = 201, headers = { Location = "/1" }, body = request.body } end,
---  ["/stream"] = { body = { "one\n", "two\n" } },
---})
---expect(client:get("http://server:8080/slow?name=kim").body == "kim\n", "asked and answered")
---```
---@param port integer
---@param options? HttpOptions
---@param routes table<string, string|Answer|fun(request: Request): string|Answer>
---@return Socket listener
---@return string? code
---@return string? sentence
---@overload fun(self: Host, port: integer, routes: table<string, string|Answer|fun(request: Request): string|Answer>): Socket, string?, string?
function host:http(port, options, routes) end

---@class HttpOptions: ListenOptions
---@field idle_timeout? Time  how long each wait for a request may be; it has no limit unless told

---@class Answer
---@field status? integer  200 unless told
---@field reason? string  the usual one unless told
---@field headers? table<string, string|number>
---@field body? Body  of a failure its reason unless told

---A text; or a list of texts, or a function that gives one after the other and then nil: each is a chunk.
---@alias Body string|number|string[]|fun(): string?

---@class Request
---@field method string
---@field target string  as it was sent
---@field path string  of the target, decoded
---@field query table<string, string>  of the target, decoded
---@field version "1.0"|"1.1"
---@field headers table<string, string>  names in any letters
---@field body string
---@field conn Socket

---@class Response
---@field status integer
---@field reason string
---@field version "1.0"|"1.1"
---@field headers table<string, string>  names in any letters
---@field body string

---Asks for a URL over a connection of its own, as curl does: connect, request, answer, close.
---
---Fails: as `host:connect` and `conn:request` do; `EBADMSG` the answer is no HTTP.
---
---```lua
---server:http(8080, { ["/ping"] = "pong\n" })
---local response = client:get "http://server:8080/ping"
---expect(response.status == 200 and response.body == "pong\n", "answered")
---```
---@param url string|Url
---@param options? RequestOptions
---@return Response response
---@return string? code
---@return string? sentence
---@return string? part  of the body
function host:get(url, options) end

---@class Url
---@field host Place
---@field port? integer  80 unless told
---@field path? string  `/` unless told

---The same with another method.
---
---Fails: as `host:get` does; `EBADMSG` the answer is no HTTP.
---
---```lua
---server:http(8080, { ["/form"] = function(request) return request.method .. " " .. request.body end })
---local response = client:request("POST", "http://server:8080/form", { body = "a=1", headers = { ["X-Who"] = "kim" } })
---expect(response.body == "POST a=1", "answered")
---```
---@param method string
---@param url string|Url
---@param options? RequestOptions
---@return Response response
---@return string? code
---@return string? sentence
---@return string? part  of the body
function host:request(method, url, options) end

---Options of the socket too, such as `nodelay = true`.
---@class RequestOptions: MessageOptions, ConnectOptions
---@field timeout? Time  of the connect, and of each later call

-- ## Packets

---What has entered the wires so far, oldest first. What went over a loopback only if that is asked for by `on`.
---
---```lua
---near:send(bytes(5000))
---expect(#packets { from = client, data = true } == 4, "four segments")
---expect(packets { flags = "S" }[1].mss == 1460, "announced by the SYN")
---```
---@param filter? PacketFilter
---@return Packet[] packets
function packets(filter) end

---How many packets have entered the wires so far.
---
---```lua
---near:send(bytes(5000))
---expect(packets.count { conn = near, data = true } == 4, "four segments")
---```
---@param filter? PacketFilter
---@return integer count
function packets.count(filter) end

---@class Packet
---@field id integer  of its event in the recording
---@field time number  seconds, as `now()`
---@field on Wire
---@field from Host?  that has the source address
---@field to Host?  that has the destination address
---@field from_port integer
---@field to_port integer
---@field flags string  of TCP: `"S"`, `"SA"`, `"A"`, `"PA"`, `"FA"`, `"R"`…
---@field len integer  bytes of payload
---@field data string?  the payload
---@field seq integer  relative, as in Wireshark
---@field ack integer  relative
---@field window integer  bytes
---@field mss integer?  announced
---@field ttl integer
---@field protocol Protocol?
---@field icmp IcmpMessage?
---@field fragment integer?  of a fragment: where its bytes stand in the datagram
---@field note PacketNote?  what is remarkable
---@field of integer?  the packet that it repeats
---@field fate Fate
---@field call integer?  the call that sent it

---Fields that packets must have; a function as value decides.
---@class Filter
---@field from? Place|Decider  the host that has the source address
---@field to? Place|Decider  the host that has the destination address
---@field from_port? integer|Decider
---@field to_port? integer|Decider
---@field port? integer  of either end
---@field flags? string|Decider  exact, but P does not matter, and A only beside S
---@field len? integer|Decider
---@field min_len? integer
---@field data? boolean|string|Decider  any payload, none, or exactly this one
---@field seq? integer|Decider
---@field ack? integer|Decider
---@field window? integer|Decider
---@field mss? integer|Decider
---@field ttl? integer|Decider
---@field protocol? Protocol|Decider
---@field icmp? IcmpMessage|Decider
---@field fragment? boolean|integer|Decider  whether it is a fragment, or the one at this byte of the datagram
---@field note? PacketNote|Decider
---@field of? integer|Decider
---@field call? integer|Decider
---@field conn? Socket  of either end

---@class PacketFilter: Filter
---@field id? integer|Decider
---@field on? Wire
---@field fate? Fate|Decider
---@field since? number  entered at that time or later, as `now()` gives it

---@alias Protocol
---| "tcp"
---| "udp"
---| "icmp"
---| "icmpv6"
---| "ip"
---| "ipv6"
---| "arp"

---@alias IcmpMessage
---| "echo request"
---| "echo reply"
---| "net unreachable"
---| "host unreachable"
---| "protocol unreachable"
---| "port unreachable"
---| "fragmentation needed"
---| "unreachable"
---| "time exceeded"
---| "redirect"
---| "neighbour solicitation"
---| "neighbour advertisement"
---| "other"

---@alias PacketNote
---| "retransmission"
---| "duplicate ack"
---| "out of order"
---| "zero window"
---| "window update"
---| "window probe"
---| "keepalive"

---@alias Fate
---| "on the wire"
---| "delivered"
---| "dropped"
---| "held"
---| "absorbed"
---| "duplicated"
---| "corrupted"

-- ## Rules on the wire
-- What a rule is for stands in its filter: the fields of `packets`, and besides `nth = 3` or `nth = { 3, 5 }` (of those
-- that match since the rule was made, copies count) and `count = 2` (so many, then no more). A wire and one direction of
-- it take the same words.

---@class RuleFilter: Filter
---@field nth? integer|integer[]
---@field count? integer

---@class Rule
---@field hits integer  how often it has acted
local rule = {}

---Ends it; what it holds goes on.
---
---```lua
---local held = wire:hold { data = true }
---near:send "hello"
---sleep "5ms"
---held:remove()
---expect(far:receive(5) == "hello", "it went on")
---```
function rule:remove() end

---One direction of a wire, from `wire:from`; a wire has the same words for both.
---@class Direction
local wire = {}

---Packets vanish.
---
---```lua
---local rule = wire:drop { from = client, data = true, nth = 1 }
---near:send "hello"
---expect(far:receive(5) == "hello" and rule.hits == 1, "the kernel sent it again")
---```
---@param filter? RuleFilter
---@return Rule rule
function wire:drop(filter) end

---Packets take longer, by so much.
---
---```lua
---wire:delay { by = "50ms", from = client, data = true }
---local began = now()
---near:send "hello"
---far:recv()
---expect(now() - began >= 0.05, "late")
---```
---@param filter DelayFilter
---@return Rule rule
function wire:delay(filter) end

---@class DelayFilter: RuleFilter
---@field by Time

---Packets arrive twice.
---
---```lua
---wire:duplicate { from = client, data = true, count = 1 }
---near:send "hello"
---settle()
---expect(packets { data = "hello" }[1].fate == "duplicated" and far:queues() == 5, "TCP takes it once")
---```
---@param filter? RuleFilter
---@return Rule rule
function wire:duplicate(filter) end

---Packets arrive with a wrong bit; the kernel that gets one throws it away.
---
---```lua
---wire:corrupt { from = client, data = true, nth = 1 }
---near:send "hello"
---expect(far:receive(5) == "hello" and packets { data = "hello" }[1].fate == "corrupted", "sent again")
---```
---@param filter? RuleFilter
---@return Rule rule
function wire:corrupt(filter) end

---Packets wait on the wire until the rule is removed.
---
---```lua
---local rule = wire:hold { from = client, data = true }
---near:send "hello"
---sleep "5ms"
---expect(packets.count { fate = "held" } == 1 and far:queues() == 0, "on its way")
---rule:remove()
---```
---@param filter? RuleFilter
---@return Rule rule
function wire:hold(filter) end

---A function decides about each packet while it enters: nothing lets it go on, `"drop"`, `"duplicate"`, `"corrupt"` and
---`"hold"` (until the rule is removed) do what they say, a time delays it by so much. It can neither wait nor use sockets.
---
---```lua
---local rule = wire:on_packet(function(packet)
---  if packet.data == "one" then return "20ms" end
---  if packet.len > 1000 then return "drop" end
---end)
---near:send "one"
---expect(far:receive(3) == "one" and rule.hits == 1, "late")
---```
---@param fn fun(packet: Packet): "drop"|"duplicate"|"corrupt"|"hold"|Time|nil
---@return Rule rule
function wire:on_packet(fn) end

---A clock cuts and mends the wire until the rule is removed; its hits are the cuts.
---
---```lua
---local rule = wire:flap { up = "20ms", down = "10ms" }
---sleep "100ms"
---rule:remove()
---expect(rule.hits > 1, "cut more than once")
---```
---@param options FlapOptions
---@return Rule rule
function wire:flap(options) end

---@class FlapOptions
---@field up Time  1 ms or more
---@field down Time  1 ms or more

---A packet that no kernel has sent enters the wire, as if `from` had sent it. What is not given is made right: checksums,
---MAC addresses, and inside a connection the numbers that come next.
---
---```lua
---wire:inject { conn = near, from = server, flags = "R" }
---expect(select(2, near:recv()) == "ECONNRESET", "as if the server had sent it")
---for i = 1, 3 do wire:inject { from = "10.1.200." .. i, to = server, from_port = 999, to_port = 80, flags = "S" } end
---expect(function() return server:count "SYN_RECV" == 3 end, "half-open")
---```
---@param packet CraftedPacket
---@return Packet packet
function wire:inject(packet) end

---@class CraftedPacket
---@field from? Place|string  a host, or any address; of one direction its host unless told
---@field to? Place|string
---@field from_port? integer
---@field to_port? integer
---@field conn? Socket  to and ports are those of its ends
---@field protocol? "tcp"|"udp"|"icmp"|"arp"|"ip"  ("tcp")
---@field data? string
---@field flags? string  of TCP, as letters (`"PA"` with data, else `"A"`)
---@field seq? integer  relative where the wire has seen the connection
---@field ack? integer  the same
---@field window? integer  bytes
---@field mss? integer
---@field window_scale? integer
---@field sack_permitted? boolean
---@field timestamps? integer[]  value and echo
---@field ttl? integer  (64)
---@field ecn? integer  two bits
---@field ip_id? integer
---@field ip_protocol? integer  of protocol `"ip"`
---@field dont_fragment? boolean  (true)
---@field more_fragments? boolean
---@field fragment? integer  where its payload stands in the whole packet, in bytes
---@field icmp? IcmpMessage  sets type and code, and the protocol
---@field icmp_type? integer  where the message has no name
---@field icmp_code? integer
---@field icmp_rest? integer  the second word of the header: identifier and number, or an MTU
---@field operation? "request"|"reply"  of ARP
---@field from_mac? string  `"02:00:00:00:00:01"`
---@field to_mac? string
---@field checksum? boolean  false: a wrong one
---@field frame? string  a whole Ethernet frame instead of all the rest, from one direction

---All packets vanish; the interfaces stay up.
---
---```lua
---wire:cut()
---near:send "hello"
---far:timeout "20ms"
---expect(select(2, far:recv()) == "timeout", "nothing comes")
---wire:mend()
---```
function wire:cut() end

---Ends `cut`.
---
---```lua
---wire:cut()
---near:send "hello"
---wire:mend()
---expect(far:receive(5) == "hello", "the kernel sends it again")
---```
function wire:mend() end

---Changes what it names and leaves the rest.
---
---```lua
---wire:set { delay = "30ms", loss = "1%" }
---wire:from(server):set { rate = "10mbit", queue = 20 }
---wire:set { loss = 0 }
---```
---@param options WireOptions
function wire:set(options) end

-- ## Time and actors

---Waits.
---
---```lua
---sleep "20ms"
---```
---@param time Time
function sleep(time) end

---Computes: its actor does nothing else meanwhile, in an event loop the whole loop; the wires go on.
---
---```lua
---server:listen(8080, { model = "epoll" }, function(conn)
---  busy "20ms"
---end)
---local began, one, two = now(), client:connect(server, 8080), client:connect(server, 8080)
---two:receive "all"
---expect(now() - began > 0.04, "the second one after the first")
---```
---@param time Time
function busy(time) end

---Seconds since the scene began.
---
---```lua
---local began = now()
---sleep "20ms"
---expect(now() - began >= 0.02, "slept")
---```
---@return number seconds
function now() end

---What of Lua's `os` there is.
---@class os
os = {}

---The date and time of the machine, as in Lua.
---
---```lua
---say("Today is %s.", os.date "%A")
---```
---@param format? string
---@param time? integer
---@return string|table date
function os.date(format, time) end

---Seconds since 1970, as in Lua.
---
---```lua
---print(os.time())
---```
---@param date? table
---@return integer seconds
function os.time(date) end

---Seconds of processor time, as in Lua.
---
---```lua
---print(os.clock())
---```
---@return number seconds
function os.clock() end

---So many readable bytes, in lines of 16 that are numbered.
---
---```lua
---near:send(bytes "64KiB")
---```
---@param size Size  64 MiB at most
---@return string text
function bytes(size) end

---A further actor, which begins when this one waits. With a number, so many of them; each gets its own as `i`.
---
---```lua
---local sum = spawn("adder", function() sleep "5ms" return 1 + 2 end)
---expect(sum:join() == 3, "what it returned")
---local squares = spawn("square", 3, function(i) return i * i end)
---expect(squares:join()[3] == 9, "what each returned")
---```
---@param name string
---@param n? integer
---@param fn fun(i: integer?): any
---@return Actor actor
---@overload fun(name: string, fn: fun(): any): Actor
---@overload fun(name: string, n: integer, fn: fun(i: integer): any): Group
function spawn(name, n, fn) end

---The same on a host: views draw it there.
---
---```lua
---local readers <close> = client:spawn("reader", 2, function() sleep "1h" end)
---```
---@param name string
---@param n? integer
---@param fn fun(i: integer?): any
---@return Actor actor
---@overload fun(self: Host, name: string, fn: fun(): any): Actor
---@overload fun(self: Host, name: string, n: integer, fn: fun(i: integer): any): Group
function host:spawn(name, n, fn) end

---@class Actor
local actor = {}

---Waits until it has ended; what its function returned first, nil if it failed or was stopped.
---
---Fails: `timeout` the limit is over.
---
---```lua
---local patient = spawn("patient", function() sleep "1h" end)
---local result, code = patient:join "10ms"
---expect(result == nil and code == "timeout", "it still sleeps")
---patient:stop()
---```
---@param limit? Time
---@return any result
---@return string? code
---@return string? sentence
function actor:join(limit) end

---Ends it where it waits; what it has as `<close>` is closed. So does `<close>` of the actor itself.
---
---```lua
---local endless = spawn("endless", function() while true do sleep "1s" end end)
---sleep "10ms"
---endless:stop()
---```
function actor:stop() end

---Several actors as one, a list of them.
---@class Group
local group = {}

---Waits until all have ended; a list of what each returned first, false where there was nothing.
---
---Fails: `timeout` the limit is over.
---
---```lua
---local results = spawn("worker", 2, function(i) return i == 1 and "done" or nil end):join()
---expect(results[1] == "done" and results[2] == false, "a list")
---```
---@param limit? Time
---@return any[] results
---@return string? code
---@return string? sentence
function group:join(limit) end

---Ends them all.
---
---```lua
---local all = spawn("endless", 3, function() sleep "1h" end)
---all:stop()
---```
function group:stop() end

-- ## Real programs
-- curl, nginx, nmap or a server of your own, in a host as they are: with its network and nothing else of the machine but
-- its programs, libraries and settings. Only what the user allows is run (`--allow-run PROGRAM`, or he is asked); a program
-- that is not allowed or not installed ends the scene. Hosts know each other by their names.

---Runs a real program and waits for its end.
---
---Fails: `failed` when it is there but does not start.
---
---```lua
---local done = client:run("cat", "/etc/hosts")
---expect(done.status == 0 and done.stdout:match "server", "client knows server by its name")
---```
---@param program string  its name, or the path that was allowed
---@param ... string|number|Host|StartOptions  its arguments; last, perhaps, the options
---@return ProgramEnd end
function host:run(program, ...) end

---Starts a real program in the background. It keeps no scene alive, and ends with it.
---
---Fails: `failed` when it is there but does not start.
---
---```lua
---local nobody = server:start("sleep", 1000)
---expect(nobody:running(), "it sleeps")
---```
---@param program string  its name, or the path that was allowed
---@param ... string|number|Host|StartOptions  its arguments; last, perhaps, the options
---@return Program program
function host:start(program, ...) end

---@class StartOptions
---@field input? string  what it finds on its standard input (nothing unless told)
---@field files? table<string|integer, string>  files in its working directory `/tmp`: name → text; names in the list part are files beside the scene, of at most 96 KiB

---How a program ended, and what it printed: at most 4 MiB of each, who prints more is cut off.
---@class ProgramEnd
---@field status integer  its exit status; 128 and the signal's number if one ended it, as in shells
---@field signal string?  the signal that ended it: `"SIGTERM"`
---@field stdout string
---@field stderr string

---A real program in the background.
---@class Program
---@field name string  unique in the scene: `"curl"`, `"curl#2"`
---@field stdout string  what it has printed so far
---@field stderr string
local program = {}

---Waits for its end.
---
---Fails: `timeout` when the limit is over.
---
---```lua
---local asleep = server:start("sleep", 0.05)
---expect(asleep:wait().status == 0, "it has slept")
---```
---@param limit? Time  for ever unless told
---@return ProgramEnd end
function program:wait(limit) end

---Asks it to end (SIGTERM), and after a second it has to (SIGKILL). Does not wait. `<close>` does the same.
---
---```lua
---local asleep = server:start("sleep", 1000)
---asleep:stop()
---expect(asleep:wait().signal == "SIGTERM", "it was ended")
---```
function program:stop() end

---Whether it still runs.
---
---```lua
---local asleep = server:start("sleep", 1000)
---expect(asleep:running(), "it sleeps")
---```
---@return boolean runs
function program:running() end

-- ## A way out
-- A scene reaches nothing outside, but for single addresses that the user grants (`--allow-net HOST:PORT`).

---@class RelayOptions
---@field name? string  of the host (the name in the address; `"outside"` for numbers)

---A host that stands for one real address: it listens on that port, and what is sent to it goes on to the real one. What
---is seen on the wires is the scene's side; that it is relayed is told with each connection, which is reset if the
---real address cannot be reached.
---
---```lua
---local outside, client = relay "127.0.0.1:9", host "client"
---local conn = client:connect(outside, 9)
---```
---@param address string  `"example.com:80"`
---@param options? RelayOptions
---@return Host host
function relay(address, options) end
