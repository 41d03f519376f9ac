"""Every scene there is, played: it ends as it should, and its recording is sound.

A scene ends with status 0 unless the comment at its top says otherwise. Lines that speak to this test:

    -- Run with: --set count=3                  further arguments
    -- Ends with status 2: no such name         the status, and what is said on standard error then
    -- Checks: 4                                so many checks were made, also where actors make them

Files in folders called `parts` are for `require`.
"""

import dataclasses
import re

import pytest

import recordings
from machine import allow_programs
from play import ROOT

pytestmark = pytest.mark.wire

SCENES = sorted(
    path.relative_to(ROOT)
    for folder in ("scripts", "tests/scenario")
    for path in (ROOT / folder).rglob("*.lua")
    if path.parent.name != "parts"
)


@dataclasses.dataclass
class Wanted:
    arguments: list
    status: int = 0
    message: str = ""
    checks: int = None


def wanted(path):
    """What the comment at the top says."""
    top = re.match(r"(?:--.*\n)*", (ROOT / path).read_text())[0]
    assert top, f"{path} does not begin with what it is for"
    found = Wanted(arguments=allow_programs((ROOT / path).read_text()))
    for line in top.splitlines():
        if match := re.fullmatch(r"-- Run with: (.*)", line):
            found.arguments += match[1].split()
        elif match := re.fullmatch(r"-- Ends with status (\d+): (.*)", line):
            found.status, found.message = int(match[1]), match[2]
        elif match := re.fullmatch(r"-- Checks: (\d+)", line):
            found.checks = int(match[1])
    return found


@pytest.mark.parametrize("path", SCENES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_scene(play, path):
    want = wanted(path)
    result = recordings.undisturbed(lambda: play(path, "--view", "json", *want.arguments), want.status)
    assert result.status == want.status, str(result)
    assert want.message in result.stderr and bool(want.message) == bool(result.stderr), str(result)
    end = result.one("end")
    assert (end["failed"] > 0) == (want.status == 1 and end["reason"] == "finished"), str(result)
    assert end["ok"] == (want.status == 0) and end["checks"] == len(result.of("expect")), str(result)
    assert want.checks in (None, end["checks"]), str(result)
    assert result.raw == result.recording.read_bytes()
    recordings.sound(result.events)
