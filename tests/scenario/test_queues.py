"""What waits in the kernel, as events: accept queues, bytes that nobody reads or acknowledges, timers that run out."""

import recordings
import pytest

pytestmark = pytest.mark.wire


def accept_queue(result):
    """The accept queue whenever it changed: waiting, limit."""
    return [(e["recv_q"], e["send_q"]) for e in result.of("queue", state="LISTEN") if "refused" not in e]


def by_id(result, id):
    return next(event for event in result.events if event["id"] == id)


BACKLOG = """
local server, client = host "server", host "client"
local listener = server:listen(80, { backlog = 1 })
for i = 1, 2 do client:connect(server, 80) end
settle()
local tries = client:spawn("try", 2, function() return client:connect(server, 80, { timeout = "1.5s" }) end)
tries:join()
listener:accept()
listener:accept()
"""


def test_an_accept_queue_fills_and_empties(play):
    result = play(BACKLOG)
    assert result.status == 0, str(result)
    assert accept_queue(result) == [(1, 1), (2, 1), (1, 1), (0, 1)]
    joined, _, taken, _ = result.of("queue", state="LISTEN", host="server")[:2] + result.of("queue", state="LISTEN")[-2:]
    assert by_id(result, joined["cause"])["type"] == "arrive"
    assert by_id(result, taken["cause"])["call"] == "accept"
    assert "peer" not in joined and joined["local"].endswith(":80")


def test_a_syn_that_finds_no_room(play):
    result = play(BACKLOG)
    refused = [e for e in result.of("queue") if "refused" in e]
    assert {e["conn"] for e in refused} == {3, 4}, "both, each time they try"
    assert len(refused) == len(result.of("packet", flags="S")) - 2 >= 4
    for event in refused:
        arrival = by_id(result, event["cause"])
        packet = by_id(result, arrival["packet"])
        assert (packet["flags"], packet["conn"]) == ("S", event["conn"])
        assert (event["refused"], event["recv_q"], event["send_q"]) == ("SYN", 2, 1)
        assert event["overflows"] >= 1 and event["drops"] >= 1
    assert sum(e["overflows"] for e in refused) == len(refused)


@pytest.mark.parametrize("more, half_open", [(2, 1), (3, 1)])
def test_a_last_ack_that_finds_no_room(play, more, half_open):
    """The SYNs come before any of them is connected, so all are answered (the third with a cookie); then one has room."""
    result = play(
        f"""
local server, client = host "server", host "client"
server:listen(80, {{ backlog = 1 }})
client:connect(server, 80)
settle()
client:spawn("client", {more}, function() client:connect(server, 80) end)
expect(function() return client:count "ESTABLISHED" == {more + 1} end, "the client thinks all are connected")
sleep "1.5s"
expect(server:count "ESTABLISHED" == 2 and server:count "SYN_RECV" == {half_open}, "the server has two")
"""
    )
    assert result.status == 0, str(result)
    refused = result.of("queue", refused="ACK")
    assert {e["conn"] for e in refused} == set(range(3, more + 2))
    assert {(e["recv_q"], e["send_q"], e["overflows"]) for e in refused} == {(2, 1, 1)}
    again = result.of("queue", state="SYN_RECV")
    assert again and again[0]["timer"] == "retransmit" and again[0]["retransmits"] == 1, "SYN+ACK again"


def test_a_closed_port_is_no_full_queue(play):
    result = play('local a, b = host "a", host "b"\na:connect(b, 80)\n')
    assert result.status == 0 and not result.of("queue"), str(result)


def test_a_listener_closes_on_those_who_wait(play):
    result = play(
        """
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
settle()
listener:close()
near:receive(1)
"""
    )
    assert result.status == 0, str(result)
    states = [(e["from"], e["to"]) for e in result.of("state", host="server", conn=1)]
    assert states == [("CLOSE", "SYN_RECV"), ("SYN_RECV", "ESTABLISHED"), ("ESTABLISHED", "CLOSE")]


UNREAD = """
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
near:send "seven b"
settle()
local far = listener:accept()
far:recv(4)
sleep "0.3s"
far:recv(4)
sleep "0.3s"
"""


def test_bytes_that_nobody_reads(play):
    """First of a connection that nobody has accepted; told when it has been so for a moment."""
    result = play(UNREAD)
    assert result.status == 0, str(result)
    seen = result.of("queue", state="ESTABLISHED")
    assert [(e["host"], e["recv_q"], e["send_q"]) for e in seen] == [("server", n, 0) for n in (7, 3, 0)]
    assert "sock" not in seen[0] and seen[1]["sock"] and seen[0]["conn"] == 1
    sent = result.one("call", call="send")
    assert seen[0]["t"] - sent["t"] > 50_000_000


def test_what_is_read_at_once_is_not_told(play):
    result = play(
        """
local server, client = host "server", host "client"
link(client, server, { delay = "100ms" })
server:listen(80, function(conn) for line in conn:lines() do conn:send(line .. "\\n") end end)
local conn = client:connect(server, 80)
for _ = 1, 5 do conn:send "hello\\n" conn:receive "line" end
conn:close()
"""
    )
    assert result.status == 0, str(result)
    assert [e for e in result.of("queue") if e["state"] != "LISTEN"] == []


def test_a_window_that_closes(play):
    """The reader's bytes stand in Recv-Q, the writer's in Send-Q, and the probes are counted."""
    result = recordings.undisturbed(
        lambda: play(
            """
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
client:spawn("sender", function() near:send(bytes(1000000)) end)
expect(function() return packets.count { note = "window probe" } >= 2 end, "probes")
expect(server:sockets { conn = far }[1].recv_q > 0, "unread")
print(server:sockets { conn = far }[1].recv_q, client:sockets { conn = near }[1].send_q)
near:abort()
"""
        ),
        0,
    )
    assert result.status == 0, str(result)
    recv_q, send_q = map(int, result.one("print")["text"].split())
    read = result.of("queue", host="server", state="ESTABLISHED")
    written = result.of("queue", host="client", state="ESTABLISHED")
    assert read[-1]["recv_q"] == recv_q and written[-1]["send_q"] == send_q
    closed = result.of("packet", note="zero window")[0]
    told = [e for e in read if e["t"] <= closed["t"] or e.get("cause") == closed["id"]]
    assert told[-1]["recv_q"] == recv_q, "told at the latest with the packet that closes the window"
    first = next(e for e in result.of("call", call="send") if e["result"] < e["size"])
    assert written[0]["cause"] == first["id"] and written[0]["send_q"] == first["result"]
    probes = [e for e in written if "retransmits" in e]
    assert len(probes) == len(result.of("packet", note="window probe")) >= 2
    assert {(e["timer"], e["retransmits"]) for e in probes} == {("probe", 1)}, "each was answered"
    assert probes[1]["expires_ns"] > 1.5 * probes[0]["expires_ns"]


def test_a_syn_without_an_answer(play):
    """The timer that sends it again, how often that ran out, and when it will again."""
    result = play(
        """
local client, server = host("client", { sysctl = { tcp_syn_retries = 1 } }), host "server"
server:listen(80, { backlog = 0 })
client:connect(server, 80)
settle()
client:connect(server, 80)
"""
    )
    assert result.status == 0, str(result)
    first = result.of("state", host="client", to="SYN_SENT")[1]
    assert first["timer"] == "retransmit" and 0.9e9 < first["expires_ns"] < 1.1e9 and "retransmits" not in first
    again = result.of("queue", host="client", state="SYN_SENT")
    assert [e["retransmits"] for e in again] == list(range(1, len(result.of("packet", kind="syn")) + 1))
    for event in again:
        assert (event["timer"], event["send_q"]) == ("retransmit", 1), "a SYN counts as one"
        assert event["expires_ns"] > 0.5e9
        assert by_id(result, event["cause"])["kind"] == "syn"
    assert result.of("call", call="connect")[-1]["errno"] == "ETIMEDOUT"


def test_a_state_comes_with_its_queues(play):
    """The kernel counts FIN as a byte: of the writer until it is acknowledged, of the reader until it is read."""
    result = play(
        """
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
near:close()
settle()
"""
    )
    assert result.status == 0, str(result)
    assert result.one("state", to="FIN_WAIT1")["send_q"] == 1
    assert result.one("state", to="CLOSE_WAIT")["recv_q"] == 1
    waits = result.one("state", to="FIN_WAIT2")
    assert waits["timer"] == "time_wait" and waits["expires_ns"] > 50e9, "tcp_fin_timeout"


EXCHANGE = """
scene {{ observe = {words} }}
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
near:send "hello"
expect(function() return packets.count {{ from = server, ack = 6 }} == 1 end, "acknowledged")
sleep "5ms"
far:recv()
"""


def test_queues_closely(play):
    """After every call and every packet that moves bytes, with that as cause."""
    result = play(EXCHANGE.format(words='"queues"'))
    assert result.status == 0, str(result)
    seen = [(e["host"], e["recv_q"], e["send_q"], by_id(result, e["cause"])) for e in result.of("queue", state="ESTABLISHED")]
    assert [row[:3] for row in seen] == [("client", 0, 5), ("server", 5, 0), ("client", 0, 0), ("server", 0, 0)]
    assert [cause.get("call", cause["type"]) for *_, cause in seen] == ["send", "arrive", "arrive", "recv"]


def test_states_alone(play):
    result = play(BACKLOG.replace("local", 'scene { observe = "none" }\nlocal', 1))
    assert result.status == 0, str(result)
    assert result.of("state", to="SYN_SENT") and not result.of("queue") and not result.of("tcp")
    assert all("recv_q" not in e for e in result.of("state", to="SYN_SENT"))


def test_figures_of_tcp(play):
    """Whenever they change; what info() says last is what the last event says."""
    result = play(
        """
local server, client = host "server", host "client"
link(client, server, { delay = "10ms" })
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
near:observe { "tcp" }
client:spawn("sender", function() near:send(bytes(100000)) end)
far:receive(100000)
settle()
local info = near:info()
print(info.snd_cwnd, info.rtt, info.rto, info.total_retrans, info.unacked)
"""
    )
    assert result.status == 0, str(result)
    figures = result.of("tcp")
    assert {e["host"] for e in figures} == {"client"} and {e["conn"] for e in figures} == {1}
    windows = [e["snd_cwnd"] for e in figures]
    assert windows[0] == 10 and windows == sorted(windows) and windows[-1] > 20, "slow start"
    assert max(e["unacked"] for e in figures) > 10 and figures[0]["rtt"] > 20000
    assert {by_id(result, e["cause"])["type"] for e in figures if "cause" in e} == {"call", "arrive"}
    last = figures[-1]
    told = [last[name] for name in ("snd_cwnd", "rtt", "rto", "total_retrans", "unacked")]
    assert told == list(map(int, result.one("print")["text"].split()))


def test_counts_are_told_when_they_change(play):
    result = play(
        """
local server, client = host "server", host "client"
server:watch { every = "5ms" }
local listener = server:listen(80)
sleep "30ms"
local near = client:connect(server, 80)
sleep "30ms"
near:abort()
sleep "30ms"
"""
    )
    assert result.status == 0, str(result)
    counts = [{name: n for name, n in e.items() if name.isupper()} for e in result.of("count", host="server")]
    assert counts[0] == {} and counts[1] == {"LISTEN": 1} and counts[-1] == {"LISTEN": 1}
    assert {"LISTEN": 1, "ESTABLISHED": 1} in counts
    assert all(a != b for a, b in zip(counts, counts[1:]))


def test_a_new_connection_takes_the_place_of_time_wait(play):
    """With the same addresses and ports: the old one is gone when the new one is there."""
    result = play(
        """
local server, client = host "server", host("client", { sysctl = { tcp_tw_reuse = 1 } })
local listener = server:listen(80)
local near = client:connect(server, 80, { from_port = 5000, reuseaddr = true })
local far = listener:accept()
near:close() far:receive "all" far:close()
sleep "1.2s"
expect(client:count "TIME_WAIT" == 1, "waits")
expect(client:connect(server, 80, { from_port = 5000, reuseaddr = true }), "connected")
expect(client:count "TIME_WAIT" == 0 and client:count "ESTABLISHED" == 1, "replaced")
"""
    )
    assert result.status == 0, str(result)
    states = [(e["conn"], e["to"]) for e in result.of("state", host="client")]
    at = states.index((1, "TIME_WAIT"))
    assert states[at + 1 : at + 3] == [(1, "CLOSE"), (2, "SYN_SENT")]
