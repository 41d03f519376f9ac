"""Networks of several wires: what scenes cannot check of themselves, and mistakes in them."""

import pytest

pytestmark = pytest.mark.wire

THREE = 'local a, b, c = host "a", host "b", host "c"\n'


@pytest.mark.parametrize(
    "scene, words",
    [
        ("switch(5, { a })", ["switch: a name expected, got number"]),
        ("switch('', { a })", ["name of a switch"]),
        ("switch 'x'", ["switch: a list of hosts expected, got nil"]),
        ("switch('x', {})", ['switch "x" has no hosts']),
        ("switch('x', { a, 'nobody' })", ["nobody", "a, b, c"]),
        ("switch('x', { a, b, a })", ['switch "x": a is there twice', "loop"]),
        ("switch('x', { a, switch('y', { b }) })", ["only hosts stand at a switch", "router"]),
        ("switch('x', { a }) switch('x', { b })", ['already a wire "x"']),
        ("switch('x', { a }, { speed = 1 })", ["speed", "delay"]),
        ("switch('x', { a }, { mtu = 20 })", ["MTU", "20"]),
        ("for i = 1, 300 do switch('s' .. i, { a, b }) end", ["at most 254"]),
        ("a:listen(80) switch('x', { b, c })", ["put switch() above"]),
        ("a:masquerade(link(a, b))", ["masquerade: a is no router", 'router("a")']),
        ("local r = router 'r' r:masquerade(link(a, b))", ["masquerade: r is not at the wire a-b"]),
        ("local r = router 'r' r:masquerade(a)", ["a wire expected"]),
        ("local r = router 'r' r:publish(80)", ["publish: a port is a whole number"]),
        ("local r = router 'r' r:publish(0, a, 80)", ["publish: a port is a whole number"]),
        ("local r = router 'r' r:publish(80, 'd', 80)", ['no host "d"']),
        ("local r = router 'r' r:publish(80, r, 81)", ["publish: r has the port itself"]),
        ("local r = router 'r' local w = link(a, r) r:forbid(w, w)", ["forbid: two wires", "a-r twice"]),
        ("local r = router 'r' r:forbid(link(a, r))", ["a wire expected, got no value"]),
        ("a:listen(80) a:connect('127.0.0.1', 80) print(a.lo)", ["nobody looked at the loopback of a", "local lo = a.lo"]),
        ("a.lo:set { delay = 1 }", ["a.lo has no delay: the kernel carries its packets itself, and only its mtu can be set"]),
        ("a.lo:set { mtu = 70000 }", ["68 to 65536 bytes", "70000"]),
        ("a.lo:drop {}", ["the packets of a.lo can only be looked at; the kernel carries them itself"]),
        ("a.lo:from(a)", ["the packets of a.lo can only be looked at"]),
        ("a.lo:address(b)", ["b is not at the wire a.lo"]),
        ("print(a.address6)", ['a has no IPv6; make it with host("a", { ipv6 = true })']),
        ("local d = host('d', { ipv6 = true }) d:ping(d.address6, { ttl = 1 })", ["ping: ttl is for IPv4; IPv6 has none"]),
        ("local d = host('d', { ipv6 = true }) link(a, d, { mtu = 1000 }) d:listen(80)", ["at least 1280", "a-d has 1000"]),
        ("router()", ["router: a name expected, got nil"]),
        ("router 'a'", ['already a host "a"']),
        ("router('r', { forward = true })", ["forward", "sysctl"]),
    ],
)
def test_mistakes(play, scene, words):
    result = play(THREE + scene, "--view", "none")
    result.sentence(2, "scene-1.lua:2:", *words)


RING = """
local hosts, answers = {}, {}
for i = 1, 1000 do hosts[i] = host("h" .. i) end
for i, one in ipairs(hosts) do
  answers[i] = one:spawn("ping", function() return one:ping(hosts[i % #hosts + 1]) end)
end
local answered = 0
for _, answer in ipairs(answers) do
  if answer:join() then answered = answered + 1 end
end
expect(answered == 1000, "every host has pinged the next")
expect(packets.count { icmp = "echo reply", fate = "delivered" } == 1000, "one answer each, and to nobody else")
"""


@pytest.mark.release_only
def test_a_thousand_hosts_at_one_switch(play):
    """More neighbours than a machine may find out (gc_thresh3 of arp(7) is 1024): here none is found out."""
    result = play(RING, "--view", "none")
    assert result.status == 0, result
    assert len(result.of("host")) == 1000 and not result.of("error")


LEARNING = """
local a, b, c, d = host "a", host "b", host "c", host "d"
local lan = switch("lan", { a, b, c, d })
local strange = "02:aa:00:00:00:01"
lan:inject { from = c, to = b, to_mac = strange, protocol = "udp", from_port = 1, to_port = 9 }
lan:inject { from = a, to = d, from_mac = strange, protocol = "udp", from_port = 2, to_port = 9 }
lan:inject { from = c, to = b, to_mac = strange, protocol = "udp", from_port = 3, to_port = 9 }
settle()
"""


def test_a_switch_learns(play):
    """A frame for an address that nobody knows goes to all others, until its owner has said something."""
    result = play(LEARNING, "--view", "none")
    assert result.status == 0, result
    sent = {packet["id"]: packet["from_address"].rpartition(":")[2] for packet in result.of("packet")}
    reached = {}
    for event in result.of("arrive"):
        reached.setdefault(sent[event["packet"]], set()).add(event["host"])
    assert (reached["1"], reached["2"], reached["3"]) == ({"a", "b", "d"}, {"d"}, {"a"}), result


REWRITING = """
local web, visitor, machine = host "web", host "visitor", router "machine"
local inside, outside = switch("inside", { web, machine }), link(visitor, machine)
machine:masquerade(outside)
machine:publish(8080, web, 80)
web:listen(80)
visitor:listen(443)
expect(visitor:connect(outside:address(machine), 8080) and web:connect(visitor, 443), "both ways")
"""


def test_rewriting_is_told(play):
    result = play(REWRITING, "--view", "none")
    rules = [(event["host"], event["action"], event["text"]) for event in result.of("rule")]
    assert rules == [("machine", "masquerade", "visitor-machine"), ("machine", "publish", "8080 \u2192 web:80")]
    syns = [(p["link"], p["conn"], p.get("rewritten")) for p in result.of("packet") if p["flags"] == "S"]
    assert syns == [("visitor-machine", 1, None), ("inside", 1, "to"), ("inside", 2, None), ("visitor-machine", 2, "from")]
    states = {(event["host"], event["conn"], event["to"]) for event in result.of("state") if "conn" in event}
    assert {("web", 1, "SYN_RECV"), ("visitor", 1, "ESTABLISHED"), ("web", 2, "ESTABLISHED")} <= states
    assert not any(host == "machine" for host, _, _ in states), "it has no sockets"
    assert all("cause" in event or event["host"] != "machine" for event in result.of("packet")), "it only forwards"
    screen = play(REWRITING, "--view", "ladder", "--width", "120").stdout
    syns = [line for line in screen.splitlines() if "SYN " in line and "SYN ACK" not in line]
    assert "to web:80" in syns[1] and "from machine:" in syns[3], screen
    assert "inside 10.1.0.0/16, 1 ms" in screen, screen
