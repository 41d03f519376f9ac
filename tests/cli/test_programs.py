"""Real programs in hosts: only those that were allowed, with nothing of the machine's secrets in reach, and never
longer than their scene."""

import json
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

import recordings
import refusals
from machine import allow_programs
from play import ROOT
from processes import processes
from waiting import LIMIT, poll

FOLDER = Path("tests/scenario/programs")
USERS = [
    pytest.param(None, marks=pytest.mark.wire, id="root"),
    pytest.param("nobody", marks=pytest.mark.wire("nobody"), id="nobody"),
]
RUNS = """
title "runs"
local server, client = host "server", host "client"
local done = client:run("sh", "-c", "echo it runs")
expect(done.stdout == "it runs\\n", "it runs")
"""


@pytest.mark.wire("nobody")
@pytest.mark.release_only
@pytest.mark.parametrize("path", [Path("tests/scenario/language/programs.lua"), *sorted(FOLDER.glob("*.lua"))], ids=lambda p: p.stem)
def test_programs_work_for_an_ordinary_user(play, path):
    """Root plays them all in test_scenes.py."""
    result = recordings.undisturbed(lambda: play(path, "--view", "none", *allow_programs((ROOT / path).read_text()), user="nobody"), 0)
    assert result.status == 0, result
    recordings.sound(result.events)


AT_FULL_RATE = """
local server, client = host "server", host "client"
link(server, client, { delay = "10ms", rate = "100mbit", queue = 500 })
local serving = server:start("iperf3", "-s", "-1", "--forceflush")
expect(function() return serving.stdout:match "listening on" end, "it listens", { within = "10s" })
local report = client:run("iperf3", "-c", server, "-t", 2, "-O", 1, "-J").stdout
print(report:match '"sum_received":%s*{.-"bits_per_second":%s*([%d.e+]+)')
"""


@pytest.mark.wire
@pytest.mark.serial
@pytest.mark.release_only
def test_iperf3_fills_a_wire(play):
    """20 ms there and back and 100 Mbit/s, of which headers take 5 %."""
    result = play(AT_FULL_RATE, "--view", "none", "--allow-run", "iperf3", "--snap", "54")
    assert result.status == 0, result
    rate = float(result.one("print")["text"])
    assert 90e6 <= rate <= 101e6 or result.of("late"), rate


# -- what is allowed


@pytest.mark.wire
def test_a_program_that_was_not_allowed(play):
    result = play(RUNS, "--view", "none")
    result.sentence(2, "scene-1.lua:4:", "the program sh", "--allow-run sh")
    assert not result.of("program") and result.one("end")["reason"] == "error"
    other = play(RUNS, "--view", "none", "--allow-run", "bash", "--allow-run", "shell")
    other.sentence(2, "--allow-run sh")


@pytest.mark.wire
def test_a_path_allows_what_it_ends_in(play):
    """Also a program that lies where hosts see nothing of the machine, and a script there."""
    scene = 'local a = host "a"\nlocal done = a:run "tool"\nexpect(done.stdout == "tool\\n", "printed")\n'
    tool = play.folder / "tool"
    tool.write_text('#!/bin/sh\necho tool\nls "$(dirname "$0")" | grep -q scene && echo it sees where it is\n')
    tool.chmod(0o755)
    play.folder.chmod(0o755)
    assert play(scene, "--view", "none", "--allow-run", tool).status == 0
    assert play(scene, "--view", "none", "--allow-run", "./tool").status == 0
    tool.unlink()
    tool.hardlink_to("/bin/echo") if os.stat("/bin/echo").st_dev == os.stat(play.folder).st_dev else tool.write_bytes(
        Path("/bin/echo").read_bytes()
    )
    tool.chmod(0o755)
    printed = scene.replace('run "tool"', 'run("tool", "tool")')
    assert play(printed, "--view", "none", "--allow-run", tool).status == 0
    play(scene, "--view", "none", "--allow-run", play.folder / "gone" / "tool").sentence(3, "tool")


@pytest.mark.wire
def test_a_program_that_is_missing(play):
    scene = 'scene { needs = { "no-such-program" } }\nlocal a = host "a"\nspawn("x", function() error "played" end)\n'
    result = play(scene, "--view", "none", "--allow-run", "no-such-program")
    result.sentence(3, "scene-1.lua:1:", "no-such-program, which is not installed here")
    assert not result.of("host") and result.one("end")["reason"] == "machine", "it was played"
    play('local a = host "a"\na:run("dig")\n' if not Path("/usr/bin/dig").exists() else scene, "--view", "none").sentence(3, "not installed")


@pytest.mark.wire
def test_a_program_that_cannot_run(play):
    """That it is there does not mean that it starts: an outcome, as failures of the network are."""
    broken = play.folder / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    play.folder.chmod(0o755)
    scene = """
    local a = host "a"
    local done, code, sentence = a:run "broken"
    print(done, code, sentence)
    local text = done.stdout
    """
    result = play(scene, "--view", "none", "--allow-run", broken)
    said = result.one("print")["text"]
    assert result.of("program")[1]["ended"] and "interpreter" in result.of("program")[1]["why"]
    assert said.startswith("nil\tfailed\tbroken: broken cannot run here: its interpreter or a library"), said
    result.sentence(2, "nothing came back because of line 3", "broken said failed")


@pytest.mark.parametrize("wrong, told", [
    ("a:run()", "run: the name of a program comes first, got nil"),
    ("a:start(7)", "start: the name of a program comes first, got 7"),
    ('a:run("sh", true)', "run: the arguments of a program are texts, numbers and hosts, not boolean"),
    ('a:run("sh", nil, 1)', "run: the arguments of a program are texts, numbers and hosts, not nil"),
    ('a:run("sh", { limit = 1 })', 'run: unknown option "limit"; it takes files, input'),
    ('a:run("sh", { input = 1 })', "run: input is a string, not number"),
    ('a:run("sh", { files = { ["a/b"] = "" } })', "run: files are names without folders"),
    ('a:run("sh", { files = { ".hidden" } })', "run: files are names without folders"),
    ('a:run("sh", { files = { "not-there.py" } })', "run: cannot open not-there.py beside the scene"),
    ('a:run("sh", "a\\0b")', "an argument of a program cannot have a NUL in it"),
    ('a:run("sh", table.unpack(setmetatable({}, { __index = function() return "x" end }), 1, 300))', "at most 255 arguments"),
    ('a:run("sh", bytes(200000))', "the arguments and files of sh are more than 128 KiB"),
    ('local x = a:start("sh", "-c", "sleep 9").pid', "a program has no `pid`; it has name, running, stderr, stdout, stop, wait"),
    ('expect(function() a:run("sh") end)', "nothing may wait here"),
])  # fmt: skip
@pytest.mark.release_only
@pytest.mark.wire
def test_mistakes(play, wrong, told):
    play(f'local a = host "a"\n{wrong}\n', "--view", "none", "--allow-run", "sh").sentence(2, "scene-1.lua:2:", told)


@pytest.mark.wire
def test_on_a_terminal_it_is_asked_for_once(play):
    scene = RUNS + 'client:run("sh", "-c", "true")\nclient:run("true")\n'
    run = play.terminal(scene)
    run.wait_for("This scene wants to run the program sh in its hosts")
    run.wait_for("y/n")
    run.press(" x")  # neither is an answer
    run.press("y")
    run.wait_for("it runs")
    run.wait_for("wants to run the program true in its hosts")
    run.press("n")
    result = run.end()
    assert result.status == 2, result
    assert result.stdout.count("wants to run the program sh in") == 1
    assert "--allow-run true" in result.stdout
    assert [e["program"] for e in result.of("program") if "command" in e] == ["sh", "sh#2"]


@pytest.mark.wire
def test_check_wants_permission_too(play):
    scene = play.folder / "runs.lua"
    scene.write_text(RUNS)
    missing = play.folder / "missing.lua"
    missing.write_text('title "x"\nscene { needs = { "no-such-program" } }\nexpect(true, "x")\n')
    skipped = play.command("check", scene, missing)
    assert (skipped.status, skipped.stdout.splitlines()[-1]) == (0, "0 passed, 0 failed, 2 skipped")
    assert "--allow-run sh" in skipped.stdout and "no-such-program, which is not installed" in skipped.stdout
    passed = play.command("check", scene, missing, "--allow-run", "sh")
    assert (passed.status, passed.stdout.splitlines()[-1]) == (0, "1 passed, 0 failed, 1 skipped")


# -- what a program sees


def shell(play, text, **options):
    """What a shell in a host prints."""
    scene = f'local a = host "inside"\nlocal done = a:run("sh", "-c", [==[{text}]==])\nprint(done.stdout .. done.stderr)\n'
    result = play(scene, "--view", "none", "--allow-run", "sh", **options)
    assert result.status == 0, result
    return result.one("print")["text"]


@pytest.mark.parametrize("user", USERS)
def test_no_file_of_the_machine_but_its_programs(play, user, tmp_path):
    said = shell(play, "ls -A /; ls -A /tmp /run /dev/shm /home /root", user=user)
    assert set(re.findall(r"^[a-z]\S*$", said, re.MULTILINE)) <= {
        "bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "nix", "opt", "proc", "run", "sbin", "tmp", "usr", "var", "lock"
    }  # fmt: skip
    where = play.home(user)
    secret = where / "secret"
    secret.write_text("my secret")
    secret.chmod(0o644)
    tries = "; ".join(f"cat {path}" for path in (secret, "/var/run/docker.sock", "/run/docker.sock", "/etc/shadow", "/proc/1/environ"))
    said = shell(play, tries, user=user, env={"PASSWORD": "hidden in the environment"})
    assert "my secret" not in said and "hidden" not in said and "root:" not in said, said
    assert said.count("No such file") + said.count("Permission denied") == 5, said
    folders = ("/usr", "/etc", "", "/dev", "/usr/bin")
    said = shell(play, "mount -o remount,rw /usr; " + "; ".join(f"touch {folder}/x" for folder in folders), user=user)
    assert said.count("Read-only file system") == len(folders) and "must be superuser to use mount" in said, said
    assert shell(play, "find /var /run /tmp /dev/shm -type f", user=user).strip() == "", "there are files"


@pytest.mark.parametrize("user", USERS)
def test_no_environment_no_descriptors_no_rights(play, user):
    said = shell(play, "env", user=user, env={"SECRET": "x"})
    assert {line.split("=")[0] for line in said.split()} == {"HOME", "LANG", "NMAP_PRIVILEGED", "PATH", "PWD"}
    said = shell(play, "ls /proc/$$/fd", user=user)
    assert set(said.split()) <= {"0", "1", "2", "10", "255"}, said  # a shell keeps one for itself
    said = shell(play, "id -u; id -G; cat /proc/self/status", user=user)
    uid, groups = said.split("\n")[:2]
    assert uid == "65534", "root's programs run as nobody too"
    for name in ("Inh", "Prm", "Eff", "Bnd", "Amb"):
        kept = int(re.search(rf"^Cap{name}:\s*(\w+)$", said, re.MULTILINE)[1], 16)
        assert kept == 1 << 10 | 1 << 12 | 1 << 13, f"Cap{name}"  # net_bind_service, net_admin, net_raw
    assert re.search(r"^NoNewPrivs:\s*1$", said, re.MULTILINE)


@pytest.mark.parametrize("user", USERS)
def test_no_process_outside_is_seen_or_signalled(play, user):
    sleeper = subprocess.Popen(["sleep", "1000"])
    try:
        said = shell(play, f"kill -9 {sleeper.pid}; kill -9 1; kill -TERM -1; ls /proc | grep '^[0-9]'; echo alive", user=user)
        assert sleeper.poll() is None
        assert "alive" in said, said
        seen = {int(pid) for pid in re.findall(r"^\d+$", said, re.MULTILINE)}
        assert 1 in seen and len(seen) <= 5, said
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.parametrize("user", USERS)
def test_no_network_outside(play, user):
    """Neither by addresses, nor by names, nor by what the machine's own services listen on."""
    listener = socket.create_server(("127.0.0.1", 0))
    abstract = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    name = f"wirescene-test-{os.getpid()}"
    abstract.bind(f"\0{name}")
    abstract.listen()
    try:
        port = listener.getsockname()[1]
        said = shell(play, f"""
            grep -c {name} /proc/net/unix
            cat /proc/net/dev | tail -n +3 | cut -d: -f1
            cat /proc/net/route | tail -n +2 | cut -f2
            bash -c '</dev/tcp/127.0.0.1/{port}' 2>&1
            bash -c '</dev/tcp/1.1.1.1/53' 2>&1
            getent hosts example.com || echo nobody knows it
        """, user=user)  # fmt: skip
        assert said.split("\n")[0] == "0", said
        assert set(re.findall(r"^\s*(lo|eth\d+)$", said, re.MULTILINE)) == {"lo", "eth0"}
        assert "00000000" not in said, "there is a default route"
        assert "Connection refused" in said and "Network is unreachable" in said and "nobody knows it" in said, said
    finally:
        listener.close()
        abstract.close()


@pytest.mark.wire
def test_where_a_fresh_proc_is_refused(play):
    """As in containers: the old one is bound, and shows processes of others, but neither their environment nor their
    descriptors; they cannot be signalled."""
    scene = """
    local a = host "a"
    local done = a:run("sh", "-c", "cat /proc/self/status | grep -c Cap; cat /proc/[0-9]*/environ | tr '\\\\0' '\\\\n' | grep -c PASSWORD; kill -0 %d && echo signalled")
    print(done.stdout, done.stderr)
    """ % os.getpid()
    argv, options = play.scene(scene, ["--view", "none", "--allow-run", "sh"], {"PASSWORD": "hidden"}, None, True)
    result = play.run([*refusals.masked_proc(), *argv], **options).end()
    assert result.status == 0, result
    said = result.one("print")["text"]
    assert said.startswith("5\n0\n") and "signalled" not in said, said


# -- how long it lives

DAEMON = """
local server = host "server"
server:run("sh", "-c", "setsid sh -c 'trap \\"\\" HUP TERM INT; sleep 1000' >/dev/null 2>&1 & echo left one behind")
server:start("sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1000; done")
server:start("sleep", 1000)
"""


def family(play):
    """The processes of the scene's programs."""
    return {pid for pid in play.alive() if pid in processes() and processes()[pid][2] in ("sleep", "sh", "wirescene-init")}


def under_way(play, scene, user=None):
    run = play.start(scene, "--view", "none", "--allow-run", "sh", "--allow-run", "sleep", user=user)
    poll(lambda: run.recording.exists() and b'"ready"' in run.recording.read_bytes(), 10, "the scene does not begin")
    poll(lambda: sum(processes()[p][2] == "sleep" for p in family(play)) == 3, 10, "the programs do not begin")
    return run


@pytest.mark.parametrize("user", USERS)
def test_they_end_with_the_scene(play, user):
    result = play(DAEMON, "--view", "none", "--allow-run", "sh", "--allow-run", "sleep", user=user)
    assert result.status == 0, result
    ended = {e["program"]: e.get("signal", e.get("status")) for e in result.of("program", ended=True)}
    assert ended == {"sh": 0, "sh#2": "SIGKILL", "sleep": "SIGTERM"}
    play.leftovers()


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("end", ["Ctrl-C", "the front dies", "the stage dies", "their process 1 dies"])
def test_they_end_however_the_scene_ends(play, user, end):
    run = under_way(play, DAEMON + 'say "ready"\nsleep(1000)\n', user)
    names = {processes()[pid][2]: pid for pid in play.alive()}
    if end == "Ctrl-C":
        run.signal(signal.SIGINT)  # to the whole group, as a terminal does it
    elif end == "the front dies":
        front = [pid for pid, (_, _, name) in processes().items() if name == "wirescene" and pid in play.alive() | {run.process.pid}]
        for pid in front:
            os.kill(pid, signal.SIGKILL)
    else:
        os.kill(names["wirescene-stage" if end == "the stage dies" else "wirescene-init"], signal.SIGKILL)
        if end == "their process 1 dies":
            poll(lambda: len([e for e in read(run) if e["type"] == "program" and e.get("ended")]) == 3, 10, "nobody notices")
            assert not family(play)
            run.signal(signal.SIGINT)
    run.process.wait(LIMIT)
    play.leftovers()


def read(run):
    return [json.loads(line) for line in run.recording.read_text().split("\n")[:-1]]


@pytest.mark.wire
def test_a_flood_is_cut_off(play):
    """Neither memory nor the scene suffers; who ignores that goes on unheard."""
    result = play(
        """
        local a, b = host "a", host "b"
        local listener = b:listen(80)
        local flood = a:start("yes", "no end")
        local deaf = a:start("sh", "-c", "trap '' PIPE; yes 2>/dev/null; echo survived >&2; exit 5")
        for _ = 1, 20 do
          local conn = a:connect(b, 80)
          listener:accept():close()
          conn:close()
        end
        local ended = flood:wait()
        expect(ended.signal == "SIGPIPE" and #ended.stdout > 4 << 20 and #ended.stdout < 5 << 20, "cut off")
        expect(deaf:wait().status == 5 and deaf.stderr == "survived\\n", "goes on unheard")
        expect(#a:run("sh", "-c", "yes | head -c 1000000").stdout == 1000000, "less than that is kept")
        """,
        "--view", "none", "--allow-run", "yes", "--allow-run", "sh",
    )
    assert result.status == 0, result
    ends = result.of("program", ended=True)
    assert [e.get("cut", False) for e in ends[:2]] == [True, True] and "cut" not in ends[2]
    printed = sum(len(e["text"]) + 1 for e in result.of("output", program="yes"))
    assert 4 << 20 < printed < 5 << 20


# -- what is told of it


@pytest.mark.wire
def test_events_of_a_program(play):
    result = play(
        """
        local server, client = host "server", host "client"
        server:listen(80, function(conn) conn:send "from the scene\\n" end)
        local conn = client:connect(server, 80)
        conn:receive "line"
        conn:close()
        settle()
        client:run("sh", "-c", "printf 'a\\\\nb'; bash -c 'cat </dev/tcp/server/80'; kill -9 $$")
        """,
        "--view", "none", "--allow-run", "sh",
    )
    assert result.status == 0, result
    began, ended = result.of("program")
    assert (began["host"], began["actor"], began["line"]) == ("client", "main", 8)
    assert began["command"].startswith("sh -c '") and "ended" not in began
    assert ended["ended"] and ended["signal"] == "SIGKILL" and ended["cause"] == began["id"] and "status" not in ended
    assert 0 < ended["ran_ns"] == ended["t"] - began["t"]
    output = result.of("output")
    assert [(e["stream"], e["text"], e["cause"]) for e in output] == [("stdout", "a\nbfrom the scene", began["id"])] or (
        "".join(e["text"] + "\n" for e in output).replace("a\nb", "ab", 1) and all(e["cause"] == began["id"] for e in output)
    )
    packets = result.of("packet", from_address=result.of("packet", flags="S", origin="program")[0]["from_address"])
    assert packets[0]["t"] > began["t"] and {e.get("origin") for e in packets} <= {"program", None}
    earlier = [e for e in result.of("packet") if e["t"] < began["t"]]
    assert earlier and not any(e.get("origin") == "program" for e in earlier)
    assert all("origin" not in e or e["origin"] == "timer" for e in result.of("packet", host="server"))


@pytest.mark.wire
def test_views_show_programs(play):
    scene = """
    local server, client = host "server", host "client"
    client:run("sh", "-c", "echo short; echo much longer than any lane could be if it were to stand there; exit 3")
    client:run("sh", "-c", "seq 100")
    """
    ladder = play(scene, "--allow-run", "sh", "--width", "100").stdout
    for words in ("$ sh -c", "sh: ", "much longer than any lane", "sh ended, status", "… 88 more", "sh#2 ended"):
        assert words in ladder, ladder
    log = play(scene, "--allow-run", "sh", "--view", "log", "--width", "200").stdout
    for words in ("program  sh  $ sh -c", "program  sh ended, status 3 after", "output  sh#2 stdout:"):
        assert words in log, log
