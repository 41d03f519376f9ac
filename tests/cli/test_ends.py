"""However a scene ends: nobody is left, the recording can be read, the status tells, and the next scene runs."""

import os
import signal
import termios

import pytest
from processes import processes
from waiting import GONE, poll

pytestmark = pytest.mark.wire

SCENE = """
local server, client = host "server", host "client"
local listener = server:listen(80)
local conn = client:connect(server, 80)
local far = listener:accept()
say "ready"
"""
WAITS = SCENE + "far:recv()"
SLEEPS = SCENE + "sleep(1000)"
COMPUTES = SCENE + "sleep(0.01) while true do end"
CUE = SCENE + 'cue "go on?" say "went on"'


def stage_of(run):
    """The stage process's pid."""
    found = [pid for pid, (parent, _, name) in processes().items() if parent == run.process.pid and name == "wirescene-stage"]
    assert len(found) == 1, found
    return found[0]


def recorded(run):
    """Waits until the scene is under way, as the recording tells."""
    poll(lambda: run.recording.exists() and b'"ready"' in run.recording.read_bytes(), 10, "the scene does not begin")


def under_way(play, scene, *args, **options):
    run = play.start(scene, "--view", "none", *args, **options)
    recorded(run)
    return run


def next_scene_runs(play):
    play.leftovers(GONE)
    result = play(SCENE, "--view", "none")
    assert result.status == 0 and result.one("end")["ok"], result


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], ids=lambda n: n.name)
@pytest.mark.parametrize("whom", ["group", "front"])
def test_a_signal_ends_the_scene_in_order(play, number, whom):
    run = under_way(play, SLEEPS)
    if whom == "group":  # as a terminal does it
        run.signal(number)
    else:
        run.process.send_signal(number)
    result = run.end()
    assert result.status == 130, result
    end = result.one("end")
    assert (end["reason"], end["ok"], end["errors"]) == ("interrupted", False, 0), result
    assert result.events[-1] == end
    next_scene_runs(play)


ON_LOOPBACK = """
ip link set lo up && echo 0 >/proc/sys/user/max_user_namespaces && echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"
"""


def test_ctrl_c_where_there_is_no_wire(play):
    """The stage is then a process like any other, and gets what the terminal sends to all."""
    argv, options = play.scene(SLEEPS, ["--view", "none"], None, None, True)
    around = ["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c", ON_LOOPBACK, "sh"]
    run = play.run([*around, *argv], **options)
    recorded(run)
    run.signal(signal.SIGINT)
    result = run.end()
    assert result.one("scene")["loopback"]
    assert result.status == 130 and result.one("end")["reason"] == "interrupted", result


def test_twice_interrupted_ends_at_once(play):
    run = under_way(play, COMPUTES)

    def ended():  # two signals at once may be one
        run.signal(signal.SIGINT)
        return run.process.poll() is not None

    poll(ended, 10, "it does not end")
    result = run.end()
    assert result.status in (130, -signal.SIGINT), result  # one more signal may find it at its end
    assert result.of("end"), result
    next_scene_runs(play)


def test_interrupted_while_the_script_computes(play):
    """It is not waited for longer than the watchdog would."""
    run = under_way(play, COMPUTES)
    run.signal(signal.SIGINT)
    result = run.end(10)
    assert result.status in (130, 2), result
    assert result.of("end"), result
    next_scene_runs(play)


def test_the_front_is_killed(play):
    run = under_way(play, SLEEPS)
    run.process.kill()
    result = run.end()
    assert result.status == -signal.SIGKILL
    assert result.events[0]["type"] == "scene" and result.of("say"), result
    lines = result.recording.read_bytes().split(b"\n")
    assert all(line.endswith(b"}") for line in lines[:-1])
    next_scene_runs(play)


def test_the_stage_is_killed(play):
    run = under_way(play, SLEEPS)
    os.kill(stage_of(run), signal.SIGKILL)
    result = run.end()
    assert result.status == 3, result
    assert "signal 9" in result.stderr and len(result.stderr.splitlines()) == 1, result
    assert "signal 9" in result.one("error")["message"]
    end = result.one("end")
    assert (end["reason"], end["ok"], end["errors"]) == ("crashed", False, 1)
    assert result.events[-1] == end
    assert [e["id"] for e in result.events] == sorted(e["id"] for e in result.events)
    next_scene_runs(play)


def test_the_stage_is_stopped_and_then_interrupted(play):
    """A stage that does not answer is not waited for in vain."""
    run = under_way(play, SLEEPS)
    os.kill(stage_of(run), signal.SIGSTOP)
    run.process.send_signal(signal.SIGINT)
    result = run.end()
    assert result.status == 130 and "did not end in time" in result.stderr, result
    assert result.one("end")["reason"] == "crashed"
    next_scene_runs(play)


def test_an_error_of_the_script(play):
    result = play(SCENE + "local nothing = nil + 1", "--view", "none")
    assert result.status == 2 and "scene-1.lua:7:" in result.stderr, result
    assert result.one("end")["reason"] == "error"
    next_scene_runs(play)


def test_statuses(play):
    assert play("expect(true, 'fine')", "--view", "none").status == 0
    result = play("local n = 1\nexpect(n == 2, 'two')\nsay 'later'", "--view", "none")
    assert result.status == 1 and result.stderr == "wirescene: scene-2.lua:2: failed: two\n", result
    assert result.of("say") and result.one("end")["failed"] == 1
    assert play("expect(false, 'one') error 'two'", "--view", "none").status == 2


LEFT_IN_THE_MIDDLE = """
local server, client = host "server", host "client"
local listener = server:listen(80)
local conn, closed = client:connect(server, 80), client:connect(server, 80)
local far = listener:accept()
conn:send(bytes(100000))
closed:send(bytes(100000))
closed:close()
error "enough"
"""


@pytest.mark.parametrize("user", [None, "nobody"])
def test_many_in_a_row_with_few_namespaces(play, user):
    """What a scene took it gives back soon enough for the next one. (An ordinary user gets his quota from a namespace
    around him.)"""
    scene = play.home(user) / "scene.lua"
    scene.write_text(LEFT_IN_THE_MIDDLE)
    scene.chmod(0o644)
    argv, options = play.prepare(["run", scene, "--view", "none", "--require-wire"], None, user)
    quota = 'echo 8 >/proc/sys/user/max_net_namespaces && for i in $(seq 20); do "$@" || test $? = 2 || exit; done'
    inside = ["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c", quota, "sh"]
    at = next(i for i, word in enumerate(argv) if str(word).endswith("/wirescene"))
    result = play.run(argv[:at] + inside + argv[at:], **options).end(60)
    assert result.status == 0 and result.stderr == "wirescene: scene.lua:9: enough\n" * 20, result


# -- on a terminal

def test_what_the_presenter_says_takes_no_time_from_the_scene(play):
    clock = 'scene { time_limit = "500ms" }\nspawn("clock", function() sleep "700ms" say "beyond the limit" end)\n'
    run = play.terminal(clock + CUE, "--view", "log")
    run.wait_for("beyond the limit")
    run.press(" ")
    assert run.end().status == 0


def test_keys_at_a_cue(play):
    run = play.terminal(CUE)
    run.wait_for("go on?")
    run.press("x")  # no key of ours
    run.press(" ")
    run.wait_for("went on")
    result = run.end()
    assert result.status == 0, result
    assert result.one("key")["key"] == "space"
    assert result.one("cue")["presented"]


ENDS = {"q": "q", "ctrl-c": "\x03", "ctrl-backslash": "\x1c", "SIGTERM": signal.SIGTERM, "SIGHUP": signal.SIGHUP}


@pytest.mark.parametrize("how, scene", [*((how, CUE) for how in ENDS), ("ctrl-c", COMPUTES)], ids=[*ENDS, "computing"])
def test_the_terminal_is_as_before(play, how, scene):
    """Whichever way a presented scene is ended."""
    around = "trap : INT QUIT; stty -a >before; \"$@\"; echo status $?; stty -a >after"
    argv, options = play.scene(scene, [], None, None, True)
    run = play.run(["bash", "-c", around, "bash", *argv], size=(80, 24), **options)
    recorded(run)
    front = [pid for pid, (parent, _, _) in processes().items() if parent == run.process.pid]
    assert len(front) == 1
    assert not termios.tcgetattr(run.master)[3] & (termios.ICANON | termios.ECHO), "single keys are not taken"
    if isinstance(ENDS[how], str):
        run.press(ENDS[how])
    else:
        os.kill(front[0], ENDS[how])
    result = run.end()
    assert "status 130" in result.stdout or (scene is COMPUTES and "status 2" in result.stdout), result
    assert (play.folder / "before").read_text() == (play.folder / "after").read_text()
    assert result.of("end"), result
    next_scene_runs(play)
