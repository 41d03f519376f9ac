"""Wrong use, word by word: the line, and one sentence that says what would be right. And every sentence of that kind that
the engine has stands in some test."""

import re

import pytest

import refusals
from play import ROOT

TWO = 'local server, client = host "server", host "client"\n'
FOUR = TWO + "local listener = server:listen(80) local near = client:connect(server, 80) local far = listener:accept()\n"

# Before there is a network.
WORDS = [
    ("sleep(-1)", "a time is 0 or more seconds, not -1"),
    ("sleep {}", 'a time is seconds or "200ms", not table'),
    ("sleep '2 weeks'", "2 weeks"),
    ("bytes {}", 'a size is bytes or "64KiB", not table'),
    ("bytes '65MiB'", "a size of 0 to 67108864 bytes is wanted here"),
    ("host ''", "the name of a host has 1 to 63 bytes"),
    ("host {}", "host: a name expected, got table"),
    ("host('a', 'b')", "host: options are a table, not string"),
    ("host('a', { address = 'b' })", '"b" is no IPv4 address'),
    ("host('a', { sysctl = 1 })", "host: sysctl is a table, not number"),
    ("for i = 1, 4097 do host('h' .. i) end", "a scene has at most 4096 hosts"),
    ("link(host 'a', {})", "a host expected (object, name or address), got table"),
    ("local a = host 'a' link(a, a)", "a link joins two hosts, not a with itself"),
    ("link('a', 'b')", 'there is no host "a"; the hosts are: none yet'),
    ("local a, b = host 'a', host 'b' link(a, b) link(a, b)", "a and b are linked already"),
    ("link(host 'a', host 'b', { mtu = 67 })", "an MTU is 68 to 65521 bytes, not 67"),
    ("switch({}, {})", "switch: a name expected, got table"),
    ("switch('s', 'a')", 'switch: a list of hosts expected, got "a"'),
    ("switch('', {})", "the name of a switch has 1 to 63 bytes"),
    ("switch('s', {})", 'switch "s" has no hosts: switch("lan", { a, b })'),
    ("local a = host 'a' switch('s', { a, a })", 'switch "s": a is there twice, which would make a loop'),
    ("local a = host 'a' switch('s', { a }) switch('s', { a })", 'there is already a wire "s"'),
    ("local a = host 'a' local s = switch('s', { a }) switch('t', { s })", 'switch "t": only hosts stand at a switch; to join two, put a router at both'),
    ("local a, b = host 'a', host 'b' a:masquerade(link(a, b))", 'masquerade: a is no router; make it with router("a")'),
    ("local a, b = host 'a', router 'b' link(a, b) b:publish(0, a, 80)", "publish: a port is a whole number from 1 to 65535, as in router:publish(8080, web, 80)"),
    ("local a, b = host 'a', router 'b' link(a, b) b:publish(80, b, 80)", "publish: b has the port itself"),
    ("local a, b = host 'a', router 'b' local w = link(a, b) b:forbid(w, w)", "forbid: two wires are wanted, not a-b twice"),
    ("spawn(print)", 'spawn takes a name, perhaps how many, and a function: spawn("client", 5, function(i) … end)'),
    ("spawn('', print)", "spawn: an actor needs a name"),
    ("spawn('a', -1, print)", "spawn: how many is a whole number from 0 to 100000, not -1"),
    ("local a a = spawn('a', function() a:join() end)", "an actor cannot wait for its own end"),
    ("local a a = spawn('a', function() a:stop() end)", "an actor ends itself by return, not by stop()"),
    ("spawn('a', 2, print).x = 1", "a group: `x` cannot be set"),
    ("local x = spawn('a', 2, print).x", "a group has no `x`; it has join, stop"),
    ("title {}", "title: a text or { ko = …, en = … } expected, got nil"),
    ("say('%d', 'x')", "say: bad argument"),
    ("say 'x' title 'y'", "put title at the top, before anything happens"),
    ("scene { tags = { 1 } }", "scene: tags is a list of texts, not of a number"),
    ("scene { tag = {} }", 'scene: unknown option "tag"; it takes about, author'),
    ("param()", "param: its name comes first, then its default"),
    ("param 'x'", "param x: the default is a number, a text or true or false"),
    ("param('x', 1) param('x', 2)", 'there is already a param "x"'),
    ("param('x', 3, { 1, 2 })", "param x cannot be 3; it is one of 1, 2"),
    ("relay 'x'", 'relay: a real address and port expected, "example.com:80", not "x"'),
    ("relay 'x:0'", 'relay: a real address and port expected, "example.com:80", not "x:0"'),
    ("require {}", "require takes the name of a Lua file beside the scene, without .lua"),
    ("require '../x'", "require takes the name of a Lua file beside the scene, without .lua"),
    ("load(1)", "load: a text of Lua expected, got number"),
    ("load('', 1)", "load: the name of a text is a text, not number"),
    ("setmetatable({}, { __gc = print })", "setmetatable: there is no __gc here; `local x <close>` ends a thing in time"),
    ("setmetatable(setmetatable({}, { __metatable = 1 }), {})", "cannot change a protected metatable"),
    ("x = 1", "`x` is not declared: write `local x = …`"),
    ("sleeep(1)", "unknown name `sleeep` (did you mean sleep?); a variable of yours needs `local`"),
    ("packets = 1", "`packets` belongs to the language; give your variable another name, and `local`"),
    ("table.sort({ 2, 1 }, function() sleep(0) end)", "nothing may wait here (inside table.sort, string.gsub, tostring, a filter, an expect function, or a <close> run by stop())"),
]  # fmt: skip

# With two hosts, and a connection between them.
CALLS = [
    ("client:connect(server, '80')", 'connect: a port is a whole number from 0 to 65535, not "80"'),
    ("client:connect(server, 80, { form_port = 1 })", 'connect: unknown option "form_port"; it takes from_port, options of the socket such as reuseaddr, timeout'),
    ("server:listen(81, 'x')", "listen: options are a table, not string"),
    ("server:listen(81, { model = 'epoll' })", 'listen: model "epoll" needs a handler: listen(port, { model = … }, function(conn) … end)'),
    ("server:listen(81, {}, {})", "listen: the handler is a function, not table"),
    ("local x = server.x", "a host has no `x`; it has address, address6"),
    ("server.name = 'x'", "a host: `name` cannot be set"),
    ("server:sysctl()", "sysctl: a name expected, got nil"),
    ("server:sysctl 'x'", "sysctl x of server: "),
    ("server:sockets(1)", "sockets: a filter is a table, not number"),
    ("server:sockets { x = 1 }", 'sockets: unknown field "x" in a filter; there are address, conn'),
    ("server:count 'x'", 'count: there is no state "x"; states are those of the kernel, such as "TIME_WAIT"'),
    ("client.wire:address 'x'", 'there is no host "x"; the hosts are: server, client'),
    ("near:send {}", "send takes text, got table"),
    ("near:recv(-1)", "a size of 0 to 67108864 bytes is wanted here"),
    ("near:receive()", 'receive takes a number of bytes, "line" or "all"'),
    ("near:receive(5, 5)", 'receive: a limit goes with "line" only'),
    ("near:shutdown 'x'", 'shutdown takes "send", "receive" or "both", not "x"'),
    ("near:close() near:send 'x'", "this connection was closed before"),
    ("listener:close() listener:accept()", "this listener was closed before"),
    ("near.send(server, 'x')", "a connection or listener expected, got userdata"),
    ("near:nonblocking(1)", "nonblocking takes true or false, not number"),
    ("near:set('x', 1)", 'unknown socket option "x"; there are SO_REUSEADDR'),
    ("near:set('nodelay', 'yes')", "TCP_NODELAY takes true or false, not string"),
    ("near:set('keepcnt', 'x')", "TCP_KEEPCNT takes a whole number, not string"),
    ("near:set('keepcnt', 1 << 40)", "TCP_KEEPCNT: the value is too large"),
    ("near:set('congestion', 1)", "TCP_CONGESTION takes a text, not number"),
    ("near:set('SO_ERROR', 1)", "SO_ERROR can only be read"),
    ("client:socket 'raw':bind('x', 1)", 'there is no host "x"'),
    ("client:socket('raw', 0)", 'a raw socket takes "icmp", "tcp", "udp" or the number of a protocol, 1 to 255'),
    ("client:udp():receive 'line'", "receive gathers the bytes of a stream; a udp socket has recv and recvfrom, which give one datagram"),
    ("server:udp(function() end)", "udp: a handler needs a port to listen at"),
    ("packets { protocol = 'x' }", 'protocol is "tcp", "udp", "icmp", "icmpv6", "ip", "ipv6" or "arp", not x'),
    ("packets(1)", "a filter is a table such as { from = server, data = true }, not number"),
    ("packets { server }", "a filter names its fields, as in { from = server }; number is no name"),
    ("packets { x = 1 }", 'unknown field "x" in a filter; there are id, on, from'),
    ("packets { len = 'x' }", "len is a whole number, not string"),
    ("packets { flags = 'x' }", 'flags are letters such as "S", "SA", "F", "R", not x'),
    ("packets { since = 'x' }", "since is a time as now() gives it, not string"),
    ("packets { fate = 'x' }", 'fate is one of "on the wire", "delivered"'),
    ("packets { data = 1 }", "data is true, false, or the bytes themselves, not number"),
    ("packets { conn = listener }", "conn: this socket has no connection"),
    ("client.wire:drop { nth = {} }", "nth = {} names no packet; { 3, 5 } means the third and the fifth"),
    ("local n = {} for i = 1, 65 do n[i] = i end client.wire:drop { nth = n }", "nth names at most 64 packets"),
    ("client.wire:set { loss = true }", 'set: loss is a number or a text such as "1%" or "10ms", not boolean'),
    ("client.wire:from(client):set { mtu = 1400 }", "mtu belongs to the whole wire, not to one direction; path_mtu is what a direction lets through"),
    ("client.wire:delay { from = client }", 'delay: by how much? wire:delay { by = "200ms", from = server }'),
    ("client.wire:drop { data = function() near:fd() end } near:send 'x' far:recv()", "a function that decides about a packet can make no socket calls: the packet is just entering the wire"),
    ("client.wire:flap { up = 1 }", 'flap: for how long is it up, and for how long down? wire:flap { up = "1s", down = "200ms" }'),
    ("client.wire:inject { from = client }", "inject: who sends it to whom? from = client, to = server"),
    ("client.wire:inject { from = '1.2.3.4', to = '1.2.3.5' }", "inject: from which host does it come? wire:from(client):inject { … }"),
    ("client.wire:inject { from = client, to = server, to_mac = 'x' }", 'inject: to_mac is a MAC address such as "02:00:00:00:00:01"'),
    ("client.wire:inject { from = client, to = server, protocol = 'sctp' }", 'inject: protocol is one of "tcp", "udp", "icmp", "arp", "ip"'),
    ("client.wire:inject { from = client, to = server, icmp = 'x' }", 'inject: there is no ICMP message "x" here; icmp_type and icmp_code take any number'),
    ("client.wire:inject { from = client, to = server, flags = 'x' }", 'inject: flags are letters such as "S", "SA", "PA", "R", not x'),
    ("host 'late'", "the network stands already: put host() above the first call that uses it"),
]  # fmt: skip

PROGRAMS = [
    ("client:run('true', { files = { ['a/b'] = '' } })", 'run: files are names without folders, each with its text, or else beside the scene: { ["nginx.conf"] = "…", "server.py" }'),
    ("local words = {} for i = 1, 300 do words[i] = i end client:run('true', table.unpack(words))", "a program takes at most 255 arguments"),
    ("local files = {} for i = 1, 300 do files['f' .. i] = '' end client:run('true', { files = files })", "a program takes at most 31 files"),
]  # fmt: skip

# Without a wire, where the machine refuses namespaces.
LOOPBACK = [
    ("packets()", "packets() needs the wire, which this machine refuses; wirescene doctor says what helps"),
    ("client:counters()", "counters() needs a host of its own, which this machine refuses; wirescene doctor says what helps"),
    ("client:sysctl 'tcp_sack'", "sysctl() needs a host of its own, which this machine refuses"),
    ("client:socket 'raw'", "raw sockets need the wire, which this machine refuses; wirescene doctor says what helps"),
    ("client:run 'true'", "a real program needs a host of its own, which this machine refuses; wirescene doctor says what helps"),
    ("client:connect('1.2.3.4', 80)", "without a wire only hosts of the scene can be reached, not 1.2.3.4"),
]  # fmt: skip


def told(play, scene, line, sentence, *args):
    result = play(scene, "--view", "none", *args)
    assert result.status == 2 and result.of("error"), str(result)
    message = result.of("error")[0]["message"]
    assert re.match(rf"scene-\d+\.lua:{line}: ", message) and sentence in message, str(result)


@pytest.mark.parametrize("scene, sentence", WORDS)
def test_words(play, scene, sentence):
    told(play, scene, 1, sentence)


@pytest.mark.wire
@pytest.mark.parametrize("scene, sentence", CALLS)
def test_calls(play, scene, sentence):
    told(play, FOUR + scene, 3, sentence)


@pytest.mark.wire
@pytest.mark.parametrize("scene, sentence", PROGRAMS)
def test_programs(play, scene, sentence):
    told(play, TWO + scene, 2, sentence, "--allow-run", "true")


def test_values_of_params(play):
    told(play, "param('x', true)", 1, "--set x=1: true or false is wanted", "--set", "x=1")
    told(play, "param('x', 1)", 1, "--set x=a: a number is wanted", "--set", "x=a")


@pytest.mark.wire
@pytest.mark.release_only  # 64 MiB
def test_all_without_an_end(play):
    endless = "client:spawn('writer', function() while near:send(bytes '1MiB') do end end) far:receive 'all'"
    told(play, FOUR + endless, 3, "receive: more than 64 MiB without an end")


@pytest.mark.parametrize("scene, sentence", LOOPBACK)
def test_without_a_wire(play, scene, sentence):
    argv, options = play.scene(TWO + scene, ["--view", "none", "--allow-run", "true"], None, None, True)
    result = play.run([*refusals.seccomp(), *argv], **options).end()
    assert result.status == 2 and f"scene-1.lua:2: {sentence}" in result.stderr, str(result)


# -- all there are

# What no test can bring about: the kernel or the front would have to fail, or the prelude be wrong.
UNTOLD = [
    '"%s" is no address',
    "the kernel does not list the sockets of",
    "the kernel does not tell the counters of",
    "cannot ask for",
]

C_TEXT = r'"(?:\\.|[^"\\])*"'


def sentences():
    """Where in the engine a sentence of misuse stands, and its text."""
    folder = ROOT / "engine/script"
    for path in sorted([*folder.glob("*.c"), *(folder / "prelude").glob("*.lua")]):
        text = path.read_text()
        for match in re.finditer(rf"\b(?:fault_misuse|luaL_error)\(\s*L,\s*((?:{C_TEXT}\s*)+)|\bsys\.misuse[ (]+({C_TEXT})", text):
            words = "".join(found[1:-1] for found in re.findall(C_TEXT, match[1] or match[2])).replace("\\", "")
            if not any(untold in words for untold in UNTOLD):
                yield f"{path.name}:{text[: match.start()].count(chr(10)) + 1}", words


def test_every_sentence_of_misuse_is_met_by_a_test():
    """By its longest part that does not change."""
    files = [path for kind in ("*.lua", "*.py") for path in (ROOT / "tests").rglob(kind)]
    tests = re.sub(r'"\n *"', "", "\n".join(path.read_text() for path in files)).replace("\\", "")
    parts = {place: re.split(r"%[-0-9.*]*(?:ll|z)?[a-zA-Z]", text) for place, text in sentences()}
    found = {place: max(texts, key=len).strip().replace("%%", "%") for place, texts in parts.items()}
    assert len(found) > 100
    assert {place: part for place, part in found.items() if part not in tests} == {}
