"""The test harness itself: what it runs, what it finds left over, and its last line."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap

import pytest
from machine import MAKE_TAP
from play import ROOT
from waiting import Failure

HARNESS = ("conftest.py", "pytest.ini", "play.py", "running.py", "machine.py", "processes.py", "waiting.py")

# Stands in for the binary: `run SCENE -o RECORDING` runs the scene as a shell script.
STAND_IN = """#!/bin/sh
[ "$1" = run ] || { echo "command $1"; exit 2; }
export RECORDING="$4"
exec sh "$2"
"""


@pytest.fixture
def build(tmp_path):
    folder = tmp_path / "build"
    folder.mkdir()
    (folder / "wirescene").write_text(STAND_IN)
    (folder / "wirescene").chmod(0o755)
    return folder


def test_tells_status_output_and_events(play):
    result = play(
        """
        echo '{"type":"call","call":"connect","errno":"EAGAIN"}' >"$RECORDING"
        echo '{"type":"end"}' >>"$RECORDING"
        printf '{"type":"cut o' >>"$RECORDING"
        echo 안녕; echo oops >&2; exit 3
        """
    )
    assert (result.status, result.stdout, result.stderr) == (3, "안녕\n", "oops\n")
    assert [event["type"] for event in result.events] == ["call", "end"]
    assert result.one("call", errno="EAGAIN")["call"] == "connect"
    assert result.of("call", errno="EPIPE") == []
    assert play.command("doctor").status == 2


def test_a_recording_that_is_no_json_fails(play):
    with pytest.raises(Failure, match="1 is no JSON"):
        play("echo nonsense >$RECORDING")


def test_a_report_of_a_sanitizer_fails(play):
    with pytest.raises(Failure, match="heap-use-after-free"):
        play("echo '==1==ERROR: AddressSanitizer: heap-use-after-free on address' >&2")


def test_a_run_that_does_not_end_fails_and_is_ended(play):
    with pytest.raises(Failure, match="(?s)has not ended.*so far"):
        play("echo so far; sleep 1000", timeout=0.3)
    play.close()
    assert not play.alive()


def test_finds_what_outlives_its_run(play):
    # Without the marked environment, in a session of its own, its parent dead.
    run = play.start("setsid env -i sleep 1000 >/dev/null 2>&1 & exit 0")
    run.end()
    with pytest.raises(Failure, match="sleep 1000"):
        play.leftovers(0.3)
    for pid in play.alive():
        os.kill(pid, signal.SIGKILL)
    play.leftovers()


def test_waits_for_text_and_signals(play):
    run = play.start("trap 'echo caught; exit 7' INT; echo one; echo one; while :; do sleep 0.05; done")
    run.wait_for("one")
    run.wait_for("one")
    run.signal(signal.SIGINT)
    run.wait_for("caught")
    assert run.end().status == 7
    with pytest.raises(Failure, match="ended without printing"):
        play.start("echo other").wait_for("text")


def test_runs_on_a_terminal(play):
    scene = r"stty size; printf '\033[31mred\033[0m\n'; stty -icanon; echo ready; head -c1; exit 4"
    run = play.terminal(scene, columns=90)
    run.wait_for("24 90\nred\nready\n")
    run.press("x")
    assert run.end().status == 4


def test_runs_inside_tmux(play):
    screen = play.tmux("echo 안녕하세요; echo ready; read line; echo got $line; exit 5", columns=100, rows=30)
    assert screen.wait_for("ready").startswith("안녕하세요\nready")
    screen.press("y", "Enter")
    screen.wait_for("got y")
    assert screen.end() == 5
    screen = play.tmux("echo ready; sleep 1000; exit 6")
    screen.wait_for("ready")
    screen.press("C-c")
    assert screen.end() == 130
    assert play.tmux("stty size", columns=100, rows=30).wait_for("30 100")


def test_runs_as_an_ordinary_user(play, tmp_path):
    scene = "id -u; cat $0 >/dev/null && touch written $RECORDING && grep CapEff /proc/self/status"
    result = play(scene, user="nobody")
    assert result.status == 0, result
    assert result.stdout.splitlines()[0] != "0"
    assert "CapEff:\t0000000000000000" in result.stdout
    assert play.terminal("echo hello $(id -u)", user="nobody").end().stdout != "hello 0\n"
    (tmp_path / "talk").mkdir(mode=0o700)
    (tmp_path / "talk" / "scene").write_text("cat $(dirname $0)/beside")
    (tmp_path / "talk" / "beside").write_text("there")
    assert play(tmp_path / "talk" / "scene", user="nobody").stdout == "there"


@pytest.mark.wire("nobody")
def test_an_ordinary_user_can_make_hosts(play):
    make = shlex.quote(MAKE_TAP)
    result = play(f"unshare --user --map-root-user --net /usr/bin/python3 -c {make}", user="nobody")
    assert result.status == 0, result


def session(folder, text, *args):
    """A session of our harness over other tests."""
    tests = folder / "tests"
    tests.mkdir()
    for name in HARNESS:
        shutil.copy(ROOT / "tests" / name, tests)
    (tests / "test_it.py").write_text("import pytest, time\n" + textwrap.dedent(text))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", tests, *args], capture_output=True, text=True, env=environment, timeout=60
    )


@pytest.mark.parametrize("workers", [[], ["-n", "2", "--dist", "loadgroup"]], ids=["one", "workers"])
@pytest.mark.parametrize(
    "text, status, line",
    [
        ("def test_a(): pass", 0, "1 passed, 0 failed"),
        ("def test_a(): pass\ndef test_b(): assert 0", 1, "1 passed, 1 failed"),
        ("def test_a(): pass\ndef test_b(): pytest.skip('why so')", 0, "1 passed, 0 failed, 1 skipped"),
        ("def test_b(): pytest.skip('why so')", 5, "0 passed, 0 failed, 1 skipped"),
        ("", 5, "0 passed, 0 failed"),
        ("this is no Python", None, "0 passed, 1 failed"),
        ("@pytest.fixture\ndef f():\n yield\n assert 0\ndef test_a(f): pass", 1, "0 passed, 1 failed"),
        ("@pytest.mark.xfail\ndef test_a(): pass", 1, "0 passed, 1 failed"),
        ("def test_a(): pass\n@pytest.mark.unheard\ndef test_b(): pass", None, "0 passed, 1 failed"),
    ],
)
def test_last_line(tmp_path, workers, text, status, line):
    done = session(tmp_path, text, *workers)
    assert done.stdout.splitlines()[-1] == line, done.stdout
    assert re.match(r"^\d+ passed, \d+ failed(, \d+ skipped)?$", line)
    assert done.returncode == status if status is not None else done.returncode not in (0, 5), done.stdout
    assert ("why so" in done.stdout) == ("why so" in text)


def test_a_serial_test_has_nothing_beside_it(tmp_path):
    done = session(
        tmp_path,
        """
        def stay(name, tmp_path, serial):
            beside = tmp_path.parent.parent
            (beside / name).touch()
            for i in range(20):
                time.sleep(0.01)
                assert not serial or [p.name for p in beside.glob("here-*")] == [name]
            (beside / name).unlink()

        @pytest.mark.serial
        @pytest.mark.parametrize("i", range(3))
        def test_alone(i, tmp_path): stay(f"here-alone-{i}", tmp_path, True)

        @pytest.mark.parametrize("i", range(6))
        def test_beside(i, tmp_path): stay(f"here-beside-{i}", tmp_path, False)
        """,
        "-n",
        "3",
        "--dist",
        "loadgroup",
        f"--basetemp={tmp_path}/base",
    )
    assert done.stdout.splitlines()[-1] == "9 passed, 0 failed", done.stdout
