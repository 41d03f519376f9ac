"""Where no network namespace can be had, scenes are played over the machine's own loopback: what sockets do there."""

import pytest

import refusals

STEPS = """
local server, client = host "server", host "client"
local listener = server:socket "tcp"
expect(listener:bind(8080) and listener:listen(), "a server, step by step")
expect(listener:local_address() == server.address, "at its own address alone")
local unbound = server:socket "tcp"
unbound:listen()
expect(unbound:local_address() == server.address, "where none was asked for, too")
local near = client:socket "tcp"
near:nonblocking(true)
expect(select(2, near:connect(server, 8080)) == "EINPROGRESS", "without waiting")
expect(near:connect(server, 8080) and near:state() == "ESTABLISHED", "connected")
local far = listener:accept()
expect(far:peer_address() == client.address, "from the client's address")
local refused = client:socket "tcp"
expect(select(2, refused:connect(server, 9)) == "ECONNREFUSED", "refused")
expect(refused:connect(server, 8080) and refused:state() == "ESTABLISHED", "and tried again")
"""


def lonely(play, scene, status=0):
    argv, options = play.scene(scene, ["--view", "none"], None, None, True)
    result = play.run([*refusals.seccomp(), *argv], **options).end()
    assert result.one("scene")["loopback"] and result.status == status, result
    return result


def test_bare_sockets(play):
    lonely(play, STEPS)


def test_raw_sockets_would_hear_the_machine(play):
    result = lonely(play, 'host "client":socket "raw"', 2)
    assert "raw sockets need the wire" in result.stderr, result


DATAGRAMS = """
local server, client = host "server", host "client"
local far, near = server:udp(5353), client:udp()
near:sendto(server, 5353, "hello")
local data, address, port = far:recvfrom()
expect(data == "hello" and address == client.address, "from the client's own address")
far:sendto(address, port, "and back")
expect(near:recvfrom() == "and back", "and back")
near:connect(server, 5354)
near:send "nobody"
expect(select(2, near:recv()) == "ECONNREFUSED", "ICMP is told over lo, too")
local time, code = client:ping(server)
expect(time or code == "EACCES", "where the machine allows it")
"""

ESCAPES = [
    'near:sendto("192.0.2.1", 53, "x")',
    'near:connect("192.0.2.1", 53)',
    'near_host:ping "192.0.2.1"',
]


def test_datagrams(play):
    lonely(play, DATAGRAMS)


@pytest.mark.parametrize("line", ESCAPES)
def test_datagrams_stay_on_the_machine(play, line):
    result = lonely(play, f'local near_host = host "near"\nlocal near = near_host:udp()\n{line}', 2)
    assert "without a wire only hosts of the scene can be reached, not 192.0.2.1" in result.stderr, result


def test_lingering(play):
    scene = """
    local server, client = host "server", host "client"
    local listener = server:listen(8080, { rcvbuf = 4096 })
    local near = client:connect(server, 8080, { linger = 5, sndbuf = 4096 })
    local far = listener:accept()
    near:nonblocking(true)
    for _ = 1, 5 do
      repeat until not near:send(bytes(100000))
      sleep "20ms"
    end
    spawn("reader", function() sleep "100ms" far:receive "all" end)
    local began = now()
    near:close()
    expect(now() - began >= 0.099 and now() - began < 4, "close waits until the reader has read")
    """
    lonely(play, scene)
