"""What a recording tells of datagrams: which call sent which packets, which packets a call returned, what ICMP is about."""

import pytest
import recordings

pytestmark = pytest.mark.wire


def played(play, scene):
    result = recordings.undisturbed(lambda: play(scene, "--view", "none"), 0)
    assert result.status == 0, str(result)
    recordings.sound(result.events)
    return result


CALLS = """
local server, client = host "server", host "client"
link(client, server, { delay = "5ms" })
local far, near = server:udp(53), client:udp()
near:sendto(server, 53, "one")
near:sendto(server, 53, "one")
near:sendto(server, 53, "")
near:sendto(server, 53, bytes(4000))
far:recvfrom()
far:peek()
far:recvfrom(2)
far:recvfrom()
far:recvfrom()
"""


def test_calls_and_their_packets(play):
    result = played(play, CALLS)
    sent = result.of("call", call="sendto")
    packets = result.of("packet")
    assert [packet["carries"] for packet in packets] == [[call["id"]] for call in sent[:3] + [sent[3]] * 3]
    assert all(packet["cause"] == packet["carries"][0] for packet in packets)
    ids = [packet["id"] for packet in packets]
    took = [call for call in result.of("call") if call["call"] in ("recv", "recvfrom")]
    assert [call["carries"] for call in took] == [ids[:1], ids[1:2], ids[1:2], ids[2:3], ids[3:]]
    assert [call["result"] for call in took] == [3, 3, 2, 0, 4000]
    assert [call.get("flags") for call in took] == [None, "MSG_PEEK", "MSG_TRUNC", None, None]
    assert [call.get("address") for call in took] == [packets[0]["from_address"], None, *[packets[0]["from_address"]] * 3]


def test_fragments(play):
    packets = played(play, CALLS).of("packet")[3:]
    assert [packet["fragment"] for packet in packets] == [0, 1480, 2960]
    assert [packet.get("more_fragments", False) for packet in packets] == [True, True, False]
    assert len({packet["fragment_id"] for packet in packets}) == 1
    assert sum(packet["len"] for packet in packets) == 4000
    assert [packet["protocols"] for packet in packets] == ["eth:ip:udp", "eth:ip", "eth:ip"]


LOST = """
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "5ms" })
local far, near = server:udp(53), client:udp()
wire:drop { fragment = 1480, count = 1 }
near:sendto(server, 53, bytes(3000))
near:sendto(server, 53, "short")
near:sendto(server, 53, bytes(3000))
expect(far:recv() == "short" and far:recv() == bytes(3000), "one fragment is missing: all is lost")
"""


def test_what_is_lost_is_not_named(play):
    result = played(play, LOST)
    packets = result.of("packet")
    assert [call["carries"] for call in result.of("call", call="recv")] == [
        [packets[3]["id"]],
        [packet["id"] for packet in packets[4:]],
    ]


FULL = """
local server, client = host "server", host "client"
link(client, server, { delay = "5ms" })
local far, near = server:udp(53, { rcvbuf = 2304 }), client:udp()
for i = 1, 20 do near:sendto(server, 53, "datagram " .. i) end
settle()
far:nonblocking(true)
local got = 0
while far:recv() do got = got + 1 end
expect(got > 0 and got < 20, "the queue was full")
near:sendto(server, 53, "the last one")
far:nonblocking(false)
expect(far:recv() == "the last one", "and has room again")
"""


def test_where_the_queue_is_full(play):
    """The kernel drops what has no room; each call still names the packet that it has returned."""
    result = played(play, FULL)
    said = {event["id"]: event["data"] for event in result.of("call", call="sendto")}
    packets = {packet["id"]: packet for packet in result.of("packet")}
    calls = [call for call in result.of("call", call="recv") if call["result"] > 0]
    for call in calls:
        (packet,) = call["carries"]
        assert said[packets[packet]["carries"][0]] == call["data"], call


LO = """
local server, client = host "server", host "client"
local far, near, own = server:udp(53), client:udp(), server:udp()
near:sendto(server, 53, "by wire")
settle()
own:sendto("127.0.0.1", 53, "by lo")
near:sendto(server, 53, "by wire again")
settle()
for _ = 1, 3 do far:recv() end
near:sendto(server, 53, "at last")
far:recv()
local copy = far:dup()
far:close()
near:sendto(server, 53, "the copy")
copy:recv()
"""


def test_nothing_is_named_that_is_not_known(play):
    """A datagram over lo gets in between unseen; from then on nothing is named until all is read."""
    result = played(play, LO)
    named = {call["data"]: bool(call.get("carries")) for call in result.of("call", call="recv")}
    assert not named["by lo"] and not named["by wire again"] and named["at last"] and named["the copy"]


ERRORS = """
local server, client = host "server", host "client"
link(client, server, { delay = "5ms" })
local near = client:udp()
near:connect(server, 54)
near:send "anybody?"
client:poll({ near }, "1s")
near:recv()
client:ping(server)
"""


def test_what_icmp_is_about(play):
    result = played(play, ERRORS)
    datagram, error, request, reply = result.of("packet")
    assert (error["icmp"], error["icmp_type"], error["icmp_code"]) == ("port unreachable", 3, 3)
    assert (error["about_protocols"], error["about_to"]) == ("ip:udp", "10.1.0.1:54")
    assert error["about_from"] == datagram["from_address"]
    assert "icmp_id" not in error and "about_to" not in request
    assert result.one("call", call="poll")["causes"] == [error["id"]]
    assert (request["icmp"], reply["icmp"]) == ("echo request", "echo reply")
    assert (request["icmp_id"], request["icmp_seq"]) == (reply["icmp_id"], 1)
    assert [call["socket"] for call in result.of("call", call="socket")] == ["udp", "icmp"]
    assert result.of("call", call="recv")[-1]["carries"] == [reply["id"]]


EMPTY = """
local server, client = host "server", host "client"
link(client, server, { delay = "5ms" })
local far, near = server:udp(53), client:udp()
for _ = 1, 3 do near:sendto(server, 53, "") end
near:sendto(server, 53, "end")
settle()
local got = 0
while far:recv() == "" do got = got + 1 end
expect(got == 3, "three without a byte")
"""


def test_empty_datagrams_are_not_one(play):
    """Each has a call of its own, unlike the end of a stream that a loop reads again and again."""
    result = played(play, EMPTY)
    packets = [[packet["id"]] for packet in result.of("packet")]
    assert [call["carries"] for call in result.of("call", call="recv")] == packets
