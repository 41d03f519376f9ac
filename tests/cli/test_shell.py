"""wirescene shell: by hand on a host of a scene that runs in another terminal."""

import os
import signal
import subprocess

import pytest

import refusals
from processes import processes
from waiting import poll

pytestmark = pytest.mark.wire

SCENE = """
local server, client = host "server", host "client"
server:listen(80, function(conn) conn:send "from the scene\\n" end)
server:listen(81)
say "ready"
sleep(1000)
"""
USERS = [pytest.param(None, id="root"), pytest.param("nobody", marks=pytest.mark.wire("nobody"), id="nobody")]


def under_way(play, scene=SCENE, user=None):
    run = play.start(scene, "--view", "none", user=user)
    poll(lambda: run.recording.exists() and b'"ready"' in run.recording.read_bytes(), 10, "the scene does not begin")
    return run


def asleep(play):
    poll(lambda: any(processes().get(pid, ("", "", ""))[2] == "sleep" for pid in play.alive()), 10, "nobody sleeps")


def shell(play, scene, host, user=None):
    """On a terminal of its own. The scene goes by its process, since others may run beside this test."""
    argv, options = play.prepare(["shell", scene.process.pid, host], {"TERM": "xterm"}, user)
    return play.run(argv, size=(100, 24), user=user if os.getuid() == 0 else None, **options)


@pytest.mark.parametrize("user", USERS)
def test_what_a_shell_can_do(play, user):
    run = under_way(play, user=user)
    text = """
exec 3<>/dev/tcp/server/80
echo "<$(hostname) $(ss -tlnH | wc -l) $(cat <&3) $(id -u) $TERM>"
exit 7
"""
    result = play.command("shell", run.process.pid, "client", input=text, user=user, env={"TERM": "xterm-test"})
    assert result.status == 7 and not result.stderr, result
    assert "<client 0 from the scene 65534 xterm-test>" in result.stdout
    text = 'echo "<$(hostname) $(ss -tlnH | wc -l)>"; false'
    other = play.command("shell", run.process.pid, "server", input=text, user=user)
    assert "<server 2>" in other.stdout and other.status == 1, other
    run.signal(signal.SIGINT)
    events = run.end().events
    told = [e for e in events if e["type"] == "program"]
    assert [(e["host"], e["program"], e.get("status")) for e in told] == [
        ("client", "shell", None), ("client", "shell", 7), ("server", "shell#2", None), ("server", "shell#2", 1)
    ]  # fmt: skip
    assert [e for e in events if e["type"] == "packet" and e.get("origin") == "program" and e["flags"] == "S"]


@pytest.mark.parametrize("user", USERS)
def test_it_is_a_terminal(play, user):
    scene = under_way(play, user=user)
    run = shell(play, scene, "client", user)
    run.wait_for("client:~$ ")
    run.press("tty; stty size\r")
    run.wait_for("/dev/pts/0")
    run.wait_for("24 100")
    run.wait_for("client:~$ ")
    run.press("sleep 1000\r")
    asleep(play)
    run.press("\x03")
    run.wait_for("client:~$ ")
    run.press("echo $((6 * 7))\r")
    run.wait_for("42\n")
    run.wait_for("client:~$ ")
    run.press("\x04")
    assert run.end().status == 0
    scene.signal(signal.SIGINT)
    scene.end()


def test_it_ends_with_the_scene(play):
    scene = under_way(play, SCENE.replace("sleep(1000)", 'expect(function() return client:count "ESTABLISHED" == 1 end, "you", { within = "20s" })'))
    run = shell(play, scene, "client")
    run.wait_for("client:~$ ")
    run.press("exec 3<>/dev/tcp/server/81\r")
    result = run.end()
    assert result.status == 0 and "The scene has ended." in result.stdout, result
    assert scene.end().status == 0, "it keeps no scene alive"
    play.leftovers()


def test_the_shell_goes_when_its_terminal_goes(play):
    scene = under_way(play)
    run = shell(play, scene, "client")
    run.wait_for("client:~$ ")
    run.press("trap '' HUP; sleep 1000\r")
    asleep(play)
    run.process.kill()
    poll(lambda: b'"ended":true' in scene.recording.read_bytes(), 10, "the shell stays")
    scene.signal(signal.SIGINT)
    ended = [e for e in scene.end().events if e["type"] == "program" and e.get("ended")]
    assert len(ended) == 1 and ended[0]["program"] == "shell"


@pytest.fixture
def alone(tmp_path):
    """What to put before commands so that no scene but theirs is seen: such sockets belong to a network namespace."""
    if os.getuid() != 0:
        pytest.skip("only root can put several commands into one network namespace")
    holder = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
    space = f"/proc/{holder.pid}/ns/net"
    poll(lambda: os.readlink(space) != os.readlink("/proc/self/ns/net"), 10, "no network namespace")
    yield ["nsenter", f"--net={space}"]
    holder.kill()
    holder.wait()


def test_which_scene(play, alone):
    def command(*args, **options):
        argv, surroundings = play.prepare(["shell", *args], None, options.pop("user", None))
        return play.run([*alone, *argv], **surroundings, **options).end()

    def scene():
        argv, options = play.scene(SCENE, ["--view", "none"], None, None, True)
        run = play.run([*alone, *argv], **options)
        poll(lambda: run.recording.exists() and b'"ready"' in run.recording.read_bytes(), 10, "the scene does not begin")
        return run

    command("client").sentence(2, "no scene of yours runs")
    first = scene()
    assert "client" in command("client", input="hostname\n").stdout, "there is only one"
    command("client", user="nobody").sentence(2, "no scene of yours runs")
    second = scene()
    command("client").sentence(2, "several scenes run just now: ", "scene-1.lua (process", "scene-2.lua (process")
    command("scene-3.lua", "client").sentence(2, "scene-3.lua does not run")
    command("scene-2.lua", "nobody").sentence(2, 'the scene has no host "nobody"')
    for which in ("some/folder/scene-2.lua", second.process.pid):
        assert "client" in command(which, "client", input="hostname\n").stdout
    counts = []
    for run in (first, second):
        run.signal(signal.SIGINT)
        counts.append(len(run.end().of("program", ended=True)))
    assert counts == [1, 2]


def test_a_scene_without_hosts_of_its_own(play):
    argv, options = play.scene(SCENE, ["--view", "none"], None, None, True)
    run = play.run([*refusals.seccomp(), *argv], **options)
    poll(lambda: run.recording.exists() and b'"ready"' in run.recording.read_bytes(), 10, "the scene does not begin")
    play.command("shell", run.process.pid, "client").sentence(2, "no hosts of its own on this machine")
    run.signal(signal.SIGINT)
    run.end()


def test_wrong_use(play):
    for args in ((), ("a", "b", "c"), ("--what",)):
        play.command("shell", *args).sentence(2, "wirescene shell --help")
