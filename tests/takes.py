"""Scenes with traffic of every kind, each played once a build with all outputs while tcpdump listens in its hosts.

The scenes in scenario/traffic/ have a cue before their first packet, when the network stands, and one after the last,
when it is quiet; whoever presents them waits there for tcpdump.
"""

import dataclasses
import json
import os
from pathlib import Path

from capture import Captures
from play import ROOT
from running import Result
from waiting import LIMIT

FOLDER = Path("tests/scenario/traffic")
PING_PONG = Path("scripts/packets/ping-pong.lua")
LAST = "After the last packet."
NAMES = ["ping-pong", *sorted(path.stem for path in (ROOT / FOLDER).glob("*.lua"))]


@dataclasses.dataclass
class Take:
    result: Result
    pcapng: Path
    frames: dict  # host -> frames that its kernel saw; None without tcpdump


def scene(name):
    """Ping-pong is for an audience, and gets its two cues here."""
    if name != "ping-pong":
        return FOLDER / f"{name}.lua"
    text = (ROOT / PING_PONG).read_text()
    assert "\nserver:listen(" in text
    return text.replace("\nserver:listen(", '\ncue "Before the first packet."\nserver:listen(', 1) + f'settle()\ncue "{LAST}"\n'


def cues(path):
    """The cues that a recording has so far, and the addresses of its hosts."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    events = [json.loads(line) for line in lines if '"type":"cue"' in line or '"type":"link"' in line]
    hosts = {end["host"]: end["address"].split("/")[0] for e in events if e["type"] == "link" for end in e["ends"]}
    return [e["text"] for e in events if e["type"] == "cue"], hosts


def take(play, name):
    """The scene with what tcpdump saw of it; once more if the machine disturbed it, as in recordings.undisturbed()."""
    first = take_once(play, name)
    return take_once(play, name) if first.result.status and first.result.of("late") else first


def take_once(play, name):
    """Plays it, on a terminal, and presses a key at each cue."""
    pcapng = play.folder / f"{name}.pcapng"
    run = play.terminal(scene(name), "--snap", "0", "-o", pcapng, columns=120)
    captures, frames, seen = None, None, 0

    def next_cue():
        return len(cues(run.recording)[0]) > seen

    while frames is None:
        run.until(next_cue, LIMIT, "no further cue")
        texts, hosts = cues(run.recording)
        if seen == 0:
            captures = Captures(run.process.pid, hosts, play.folder)
        if texts[seen] == LAST:
            frames = captures.end()
        seen += 1
        run.press(" ")
    return Take(run.end(), pcapng, frames)


def why_no_capture():
    return None if os.getuid() == 0 else "only root can enter the hosts' network namespaces"
