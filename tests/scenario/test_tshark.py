"""A second opinion on what packets mean: Wireshark reads the pcapng and agrees with the events.

Where the words of "TCP Analysis" differ on purpose (engine/packet/track.h says so too):
- every repetition is a retransmission here; Wireshark also knows fast and spurious ones, and calls one that follows
  within a round trip "out of order";
- a probe of a closed window without data, as Linux sends it, is a keepalive to Wireshark;
- an ACK is a duplicate here only while data is outstanding, and also with another window if it reports a hole by SACK.
Flags of Wireshark that have no note here (window full, ACK of a keepalive, reused ports…) are not compared.
"""

import subprocess

import pytest

import recordings
import shark
import takes

pytestmark = pytest.mark.wire

LETTERS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10, "U": 0x20, "E": 0x40, "C": 0x80}

# Our note -> which flag of Wireshark's makes it right.
SAME = {
    "retransmission": {"retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order"},
    "out of order": {"out_of_order"},
    "duplicate ack": {"duplicate_ack"},
    "zero window": {"zero_window"},
    "window update": {"window_update"},
    "window probe": {"zero_window_probe", "keep_alive"},
    "keepalive": {"keep_alive"},
}
COMPARED = set().union(*SAME.values())

played = {}  # build and scene -> what came of it; once is enough for all that is asked


# A worker has all tests of a scene, so that it plays it once.
@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in takes.NAMES])
def take(play, request):
    key = play.build, request.param
    if key not in played:
        pcapng = play.folder / "scene.pcapng"
        arguments = takes.scene(request.param), "--snap", "0", "-o", pcapng
        result = recordings.undisturbed(lambda: play(*arguments), 0)
        assert result.status == 0, str(result)
        played[key] = result, pcapng, shark.read(pcapng, "-N", "n")
    result, pcapng, frames = played[key]
    return result, pcapng, list(zip(result.of("packet"), frames, strict=True))


def test_nothing_is_malformed(take):
    for packet, frame in take[2]:
        assert not frame["malformed"], frame
        assert all(int(severity) < shark.ERROR for severity in frame["severity"]), frame
        # Where a checksum is 0, Linux writes its other form, which the RFC it names calls wrong and every receiver takes.
        other_zero = "TCP Checksum 0xffff instead of 0x0000 (see RFC 1624)" in frame["expert"]
        assert (frame["checksum"] == "1" or other_zero) and frame["ip_checksum"] == "1", f"not good: {frame}"
        assert int(frame["id"]) == packet["id"] and int(frame["length"]) == packet["frame_len"]


def test_headers_say_the_same(take):
    for packet, frame in take[2]:
        inside = frame["protocols"].removeprefix(packet["protocols"].replace("eth:", "eth:ethertype:"))
        assert inside != frame["protocols"] and (packet["len"] or not inside), frame
        assert int(frame["flags"], 16) == sum(LETTERS[letter] for letter in packet["flags"]), (packet, frame)
        for field in ("len", "seq", "ack", "window"):
            assert int(frame[field]) == packet[field], f"{field}: {packet}\n{frame}"
        assert frame["mss"] == str(packet.get("mss", "")), (packet, frame)


def test_connections_are_the_same(take):
    streams = {(packet["conn"], frame["stream"]) for packet, frame in take[2]}
    assert len(streams) == len({conn for conn, _ in streams}) == len({stream for _, stream in streams})


def test_analysis_agrees(take):
    for packet, frame in take[2]:
        flags = {flag for flag in COMPARED if frame[flag]}
        note = packet.get("note")
        if note == "duplicate ack" and packet.get("sack") or note is None and flags == {"duplicate_ack"}:
            continue
        assert flags & SAME[note] if note else not flags, f"{note} is {flags or 'nothing'} to Wireshark:\n{packet}\n{frame}"


def test_hosts_have_names(take):
    for packet, frame in take[2]:
        assert (frame["from_host"], frame["to_host"]) == (packet["from"], packet["to"])
        assert frame["interface"] == f"{packet['link']}/{packet['host']}:eth0"


def test_the_story_is_in_comments(take):
    result, _, pairs = take
    events = {event["id"]: event for event in result.events}
    story = [event["text"] for event in result.events if event["type"] in ("say", "cue")]
    assert story == [comment for _, frame in pairs for comment in frame["comments"] if comment in story]
    caused = set()
    for packet, frame in pairs:
        cause = events.get(packet.get("cause"), {})
        if cause.get("type") in ("call", "blocked"):
            first = cause["id"] not in caused
            caused.add(cause["id"])
            named = [comment for comment in frame["comments"] if comment.startswith(cause["call"] + "(")]
            assert not first or named, f"{cause} is not in {frame}"
        if "note" in packet:
            assert any(comment.startswith(packet["note"]) for comment in frame["comments"]), (packet, frame)


def test_tcpdump_reads_it(take):
    _, pcapng, pairs = take
    argv = ["tcpdump", "-n", "-q", "-r", pcapng]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(pairs)
    for line, (packet, _) in zip(lines, pairs):
        source, target = (packet[key].replace(":", ".") for key in ("from_address", "to_address"))
        assert line.endswith(f" IP {source} > {target}: tcp {packet['len']}"), (line, packet)


def test_short_frames_are_read_too(play):
    """With the usual 96 bytes of each frame."""
    pcapng = play.folder / "short.pcapng"
    result = play(takes.scene("one-way"), "-o", pcapng)
    frames = shark.read(pcapng)
    assert [int(frame["length"]) for frame in frames] == [packet["frame_len"] for packet in result.of("packet")]
    assert [int(frame["len"]) for frame in frames] == [packet["len"] for packet in result.of("packet")]
    assert not any(frame["malformed"] for frame in frames)
