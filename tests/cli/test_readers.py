"""Who reads the output, however slowly, does not disturb the scene, the recording, or who wants to end it."""

import json
import signal
import termios

import pytest
from waiting import GONE, poll

pytestmark = pytest.mark.wire

# More than a pipe or a terminal takes without a reader.
SCENE = """
local a, b = host "a", host "b"
local listener = b:listen(80)
local conn = a:connect(b, 80)
local far = listener:accept()
for i = 1, 100 do
  conn:send(bytes(1000))
  far:receive(1000)
end
"""


def ended(recording):
    return recording.exists() and recording.read_bytes().endswith(b"}\n") and b'"type":"end"' in recording.read_bytes()


def not_read(play, view):
    """A scene whose output nobody reads, once the whole of it has been recorded."""
    run = play.start(SCENE, "--view", view)
    poll(lambda: ended(run.recording), 10, "the recording waits for who reads the view")
    return run


@pytest.mark.parametrize("view", ["json", "log"])
def test_nobody_reads_for_a_while(play, view):
    run = not_read(play, view)
    assert run.process.poll() is None, "it has not written everything"
    result = run.end()
    assert result.status == 0, result
    assert result.one("end")["ok"], result
    if view == "json":
        assert result.raw == result.recording.read_bytes()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_nobody_ever_reads(play, number):
    """It can be ended all the same."""
    run = not_read(play, "json")
    run.process.send_signal(number)
    poll(lambda: run.process.poll() is not None, GONE, "it still waits for its reader")
    result = run.end()
    assert result.status == 130 and result.one("end")["ok"], result


def test_interrupted_in_the_middle_while_nobody_reads(play):
    run = play.start(SCENE + 'say "ready" sleep(1000)', "--view", "json")
    poll(lambda: run.recording.exists() and b'"ready"' in run.recording.read_bytes(), 10, "the recording waits for who reads the view")
    run.process.send_signal(signal.SIGINT)
    poll(lambda: run.process.poll() is not None, 3 * GONE, "it still waits for its reader")
    result = run.end()
    assert result.status == 130 and result.one("end")["reason"] == "interrupted", result


def test_a_stopped_terminal(play):
    """Ctrl-S: the scene goes on; Ctrl-Q: the rest of it is shown."""
    run = play.terminal(SCENE + 'say "the last words"', "--view", "log")
    run.press("\x13")
    poll(lambda: ended(run.recording), 10, "the recording waits for the terminal")
    assert run.process.poll() is None
    assert "the last words" not in run.text()
    run.press("\x11")
    run.wait_for("the last words")
    assert run.end().status == 0


def test_a_stopped_terminal_and_sigterm(play):
    run = play.terminal(SCENE, "--view", "log")
    run.press("\x13")
    poll(lambda: ended(run.recording), 10, "the recording waits for the terminal")
    run.process.send_signal(signal.SIGTERM)
    poll(lambda: run.process.poll() is not None, GONE, "it still waits for its terminal")
    assert termios.tcgetattr(run.master)[3] & termios.ICANON
    assert run.end().status == 130


@pytest.mark.serial
def test_a_slow_reader_costs_the_scene_no_time(play):
    """Measured by the scene's own clock, beside the same scene with a quick reader."""

    def took(*args):
        return min(play(SCENE, *args).one("end")["t"] for _ in range(3))

    quick = took("--view", "none")
    runs = [not_read(play, "json") for _ in range(3)]
    slow = min(run.end().one("end")["t"] for run in runs)
    assert slow < 1.5 * quick + 50e6, (slow, quick)


def test_the_order_is_the_one_true_order(play):
    result = play(SCENE, "--view", "json")
    events = [json.loads(line) for line in result.raw.splitlines()]
    assert events == result.events
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(a["t"] <= b["t"] for a, b in zip(events, events[1:]))
    assert events[0]["type"] == "scene" and events[-1]["type"] == "end"
    begun = set()
    for event in events:
        assert event.get("cause", 0) < event["id"]
        begun.add(event["id"])
        if event["type"] == "arrive":
            assert event["packet"] in begun


def test_a_killed_front_leaves_whole_lines(play):
    """Killed while it writes: all lines but perhaps the last one are whole."""
    run = play.start("while true do say(('x'):rep(1000)) sleep(0) end", "--view", "none")
    poll(lambda: run.recording.exists() and run.recording.stat().st_size > 1_000_000, 10, "nothing is recorded")
    run.process.kill()
    run.end()
    *lines, last = run.recording.read_bytes().split(b"\n")
    ids = [json.loads(line)["id"] for line in lines]
    assert ids == list(range(1, len(lines) + 1)) and len(lines) > 500
    play.leftovers()


def test_a_flood_of_events_can_be_interrupted(play):
    """Even when the outputs are far behind."""
    run = play.start("while true do say(bytes(100)) sleep(0) end", "--view", "json")
    poll(lambda: run.recording.exists() and run.recording.stat().st_size > 1_000_000, 10, "nothing is recorded")
    run.process.send_signal(signal.SIGINT)
    poll(lambda: run.process.poll() is not None, 3 * GONE, "it does not end")
    assert run.process.returncode == 130
    assert ended(run.recording)
