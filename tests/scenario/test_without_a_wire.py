"""Where no network namespace can be had, scenes are played over the machine's own loopback: what sockets do there."""

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
