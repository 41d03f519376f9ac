"""A second opinion on every frame: tcpdump in each host and the recording agree byte by byte, in order.

One difference is possible and right: between a delivery's event and the delivery itself a timer of the kernel may send
something, which then comes first to the kernel. Nothing else may change places, and only with frames that the recording
says a timer has sent; frames of one direction never do.
"""

import base64

import pytest

import takes

pytestmark = [pytest.mark.wire, pytest.mark.skipif(takes.why_no_capture() is not None, reason=str(takes.why_no_capture()))]


def recorded(events, host):
    """Frames as the host's kernel should have seen them: those it sent when they entered a wire, those it received
    when they arrived, which is written just before the frame is handed over."""
    sent, frames = {}, []
    for event in events:
        if event["type"] == "packet":
            frame = sent[event["id"]] = base64.b64decode(event["frame"])
            assert len(frame) == event["frame_len"], "kept whole, by --snap 0"
            if event["host"] == host:
                frames.append(("timer" if event.get("origin") == "timer" else "sent", event["id"], frame))
        elif event["type"] == "arrive" and event["fate"] == "delivered" and event["host"] == host:
            frames.append(("received", event["packet"], sent[event["packet"]]))
    return frames


def timers_first(frames, seen):
    """The recorded frames, with a received one behind those of timers where the kernel had them first."""
    frames = list(frames)
    for at in range(min(len(frames) - 1, len(seen))):
        this, next = frames[at : at + 2]
        if this[0] == "received" and next[0] == "timer" and this[2] != seen[at] == next[2]:
            frames[at : at + 2] = next, this
    return frames


@pytest.mark.parametrize("name", takes.NAMES)
def test_recording_and_tcpdump_agree(play, name):
    take = takes.take(play, name)
    assert take.result.status == 0, str(take.result)
    assert set(take.frames) == {event["host"] for event in take.result.of("host")}
    for host, seen in take.frames.items():
        frames = timers_first(recorded(take.result.events, host), seen)
        for number, ((way, id, frame), other) in enumerate(zip(frames, seen), 1):
            assert frame == other, f"frame {number} of {host}, {way} as #{id}:\n{frame.hex(' ')}\n{other.hex(' ')}"
        assert len(frames) == len(seen) > 0
