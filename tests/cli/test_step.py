"""Packets that wait for the presenter: --step, by keys; --pace, by a clock."""

import time

import pytest

import recordings

pytestmark = pytest.mark.wire

# Limits that would all run out while packets wait, if the clock of the scene went on.
TALK = """
scene { time_limit = "3s" }
local server, client = host "server", host "client"
link(client, server, { delay = "5ms" })
server:listen(80, function(conn)
  conn:timeout "500ms"
  expect(conn:receive "line" == "ask", "the question came in time")
  conn:send(bytes(4000))
end)
local began = now()
local conn = client:connect(server, 80, { timeout = "500ms" })
expect(conn, "connected in time")
conn:timeout "500ms"
conn:send "ask\\n"
expect(conn:receive(4000) == bytes(4000), "the answer came in time")
expect(now() - began < 1, "the clock of the scene stood still")
conn:close()
"""


def phase(packet):
    """Of a `packet` event: handshake, data, close or what answers them."""
    if "S" in packet["flags"]:
        return "SYN ACK" if "A" in packet["flags"] else "SYN"
    if "F" in packet["flags"]:
        return "FIN"
    return "data" if packet["len"] else "ACK"


def is_over(run):
    return run.process.poll() is not None


def step_through(play, holds, limit):
    """Lets each packet go by the space key, after having held the first of each phase as long as `holds` says."""
    run = play.terminal(TALK, "--step", "--view", "log", "--lang", "en", columns=160)
    left = dict(holds)
    while True:
        run.until(lambda: is_over(run) or "held: step" in run.text()[run.read_to :], limit, "no packet is held")
        if is_over(run):
            break
        run.wait_for("held: step")
        recorded = [e for e in play_events(run) if e["type"] == "packet" or e.get("fate") == "held"]
        held = [e for e in recorded if e["type"] == "arrive"][-1]
        packet = next(e for e in recorded if e["id"] == held["packet"])
        time.sleep(left.pop(phase(packet), 0))  # what is tested: that it can wait
        run.press(" ")
    return run.end()


def play_events(run):
    from running import read_recording

    return read_recording(run.recording)


def check_steps(result, holds):
    assert result.status == 0, result
    recordings.sound(result.events)
    packets = {e["id"]: e for e in result.of("packet")}
    held = {e["packet"]: e for e in result.of("arrive", fate="held")}
    arrived = {e["packet"]: e for e in result.of("arrive", fate="delivered")}
    absorbed = {e["packet"] for e in result.of("arrive", fate="absorbed")}
    assert set(held) == set(arrived) and set(held) | absorbed == set(packets), "each waits, but for copies"
    repeated = {phase(p) for p in packets.values() if p.get("note") == "retransmission"}
    assert repeated <= {"SYN", "SYN ACK"}, "no data is repeated by the kernel"
    assert sum(e.get("copies", 0) for e in arrived.values()) == len(absorbed), "copies are counted where they are absorbed"
    waited = {e["cause"]: e["waited_ns"] for e in result.of("key")}
    longest = {}
    for id, event in held.items():
        kind = phase(packets[id])
        longest[kind] = max(longest.get(kind, 0), waited[event["id"]] / 1e9)
        assert arrived[id]["t"] - event["t"] >= waited[event["id"]] - 1e6
    for kind, seconds in holds.items():
        assert longest[kind] >= seconds
    assert max(arrived[id].get("copies", 0) for id in held if phase(packets[id]) == "SYN") >= 1, "a SYN is repeated after 1 s"
    assert {"data", "FIN", "ACK", "SYN ACK"} <= set(longest)
    assert sum(packets[id]["len"] for id in held) == 4004


def test_packet_by_packet(play):
    holds = {"SYN": 2.5, "SYN ACK": 2.5, "data": 2.5, "FIN": 2.5}
    check_steps(step_through(play, holds, 30), holds)


@pytest.mark.long
@pytest.mark.release_only
def test_a_packet_waits_for_longer_than_a_minute(play):
    """What is sent and its answer may wait for 100 s together, before the kernel repeats it after all."""
    holds = {"SYN": 70, "SYN ACK": 70, "data": 70, "FIN": 70}
    check_steps(step_through(play, holds, 120), holds)


SHORT = """
local server, client = host "server", host "client"
link(client, server, { delay = "5ms" })
local one, other = client:udp(), server:udp(53)
for i = 1, 4 do one:sendto(server, 53, "number " .. i) end
local got = {}
other:timeout "300ms"
while true do
  local data = other:recvfrom()
  if not data then break end
  got[#got + 1] = data:sub(-1)
end
say("got %s", table.concat(got))
"""


def test_drop_and_twice_by_key_then_run(play):
    run = play.terminal(SHORT, "--step", "--lang", "en")
    run.wait_for("packets wait for you")
    for key in ("d", "2", " "):
        run.wait_for("◆")
        run.press(key)
    run.wait_for("◆")
    run.press("\r")  # the rest runs
    result = run.end()
    assert result.status == 0, result
    assert result.one("say")["text"] == "got 2234"
    lost = result.one("arrive", fate="dropped")
    assert lost["why"] == "by the presenter" and lost["cause"] == lost["packet"]
    again = result.one("arrive", fate="duplicated")
    assert again["packet"] == result.of("arrive", fate="delivered")[0]["packet"]
    assert [e["key"] for e in result.of("key")] == ["d", "2", "space", "enter"]
    assert result.one("scene")["step"] and result.one("scene")["sysctls"]["net.ipv4.tcp_early_retrans"] == "0"


def test_a_cue_waits_behind_the_packets(play):
    run = play.terminal(SHORT.replace("local got", 'cue "Now?"\nlocal got'), "--step", "--lang", "en")
    for _ in range(4):
        run.wait_for("◆")
        run.press(" ")
    run.until(lambda: len([e for e in play_events(run) if e.get("fate") == "delivered"]) == 4, 10, "all have arrived")
    assert not [e for e in play_events(run) if e["type"] == "say"], "the cue has not gone on"
    run.press(" ")
    result = run.end()
    assert result.one("say")["text"] == "got 1234"
    assert result.of("key")[-1]["cause"] == result.one("cue")["id"]


def test_a_pace(play):
    result = play(TALK, "--pace", "120ms")
    assert result.status == 0, result
    recordings.sound(result.events)
    times = [e["t"] for e in result.of("arrive") if e["fate"] == "delivered"]
    assert len(times) > 8
    assert all(later - earlier >= 119_000_000 for earlier, later in zip(times, times[1:])), times
    assert result.one("scene")["pace_ns"] == 120_000_000 and not result.of("arrive", fate="held")


def test_a_pace_stops_by_key_and_changes(play):
    run = play.terminal(SHORT, "--pace", "2s", "--lang", "en")
    run.wait_for("UDP")
    run.press(" ")  # stops
    run.wait_for("◆")
    run.press("+")
    run.press("+")
    run.press("\r")  # goes on by the clock
    result = run.end()
    assert result.status == 0 and result.one("say")["text"] == "got 1234"
    times = [e["t"] for e in result.of("arrive", fate="delivered")]
    faster = 2e9 * 4 / 9
    assert all(faster <= later - earlier + 1e6 for earlier, later in zip(times[1:], times[2:])), times
    assert times[-1] - times[-2] < 1.9e9, "+ makes it faster"


def test_without_a_terminal(play):
    play(SHORT, "--step").sentence(2, "--step needs a terminal", "--pace")
    play(SHORT, "--pace", "soon").sentence(2, "--pace", '"soon" is no time')
    play(SHORT, "--pace", "1ms").sentence(2, "--pace 1ms", "from 10ms to 60s")
