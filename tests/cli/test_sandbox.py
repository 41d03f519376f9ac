"""A stranger's script is safe to run: what it finds from inside, and what its process is seen from outside to have."""

import os
import re
from pathlib import Path

import pytest
from processes import processes
from waiting import poll

WAITS = """
local server, client = host "server", host "client"
local listener = server:listen(80)
local conn = client:connect(server, 80)
say "ready"
sleep(1000)
"""


@pytest.mark.parametrize(
    "name",
    ["io", "debug", "package", "coroutine", "dofile", "loadfile", "loadstring", "collectgarbage", "_G", "warn", "arg", "module"],
)
def test_names_that_are_not_there(play, name):
    play(f"local x = {name}", "--view", "none").sentence(2, "scene-1.lua:1:", f"`{name}`")


def test_what_is_left_is_harmless(play):
    result = play(
        r"""
        for _, name in ipairs { "execute", "getenv", "exit", "remove", "rename", "tmpname", "setlocale" } do
          expect(os[name] == nil, "os." .. name)
        end
        expect(string.dump == nil and ("").dump == nil, "string.dump")
        expect(getmetatable("") == false and getmetatable(_ENV) == false and getmetatable(packets) == false, "metatables")
        expect(getmetatable(host "h") == false and getmetatable(spawn("s", function() end)) == false, "handles")
        expect(load("return getmetatable(_ENV)")() == false, "the surroundings of load")
        local chunk, why = load("\27Lua")
        expect(chunk == nil and why, "bytecode")
        expect(not pcall(load "x = 1") and not pcall(load "return x"), "no globals in a loaded text either")
        expect(not pcall(load "return io.open"), "load gives nothing more")
        expect(not pcall(setmetatable, "", {}) and not pcall(setmetatable, _ENV, {}) and not pcall(setmetatable, packets, {}))
        expect(not pcall(require, "/etc/passwd") and not pcall(require, "..secret"), "files elsewhere")
        """,
        "--view", "none",
    )
    assert result.status == 0, result


@pytest.mark.wire
def test_a_scene_breaks_only_its_own_things(play):
    """The language goes on working when a scene changes whatever it can reach."""
    result = play(
        r"""
        local keep = { pairs = pairs, rawset = rawset, type = type, error = error }
        local a, b = host "a", host "b"
        local env = _ENV
        local function broken() keep.error "broken" end
        for _, library in keep.pairs { string, table, math, utf8, os } do
          for name in keep.pairs(library) do library[name] = broken end
        end
        for _, name in keep.pairs { "pairs", "ipairs", "type", "tostring", "error", "pcall", "select", "setmetatable", "next", "rawget" } do
          keep.rawset(env, name, broken)
        end
        keep.rawset(packets, "count", nil)
        say("%d and %s", 1, "two")
        print(1, nil, "three")
        b:listen(80, { backlog = 2 }, function(conn) for line in conn:lines() do conn:send(line .. "\n") end end)
        local conn = a:connect(b, 80)
        conn:send "x\n"
        expect(conn:receive "line" == "x", "an echo")
        local group = spawn("g", 2, function(i) return i end)
        expect(group:join(1)[2] == 2, "a group")
        expect(#packets { from = a, data = true } == 1, "packets")
        expect(function() return true end, "waits", { within = "1s" })
        """,
        "--view", "none",
    )
    assert result.status == 0, result
    assert result.one("say")["text"] == "1 and two"


def stage(play, user):
    """A running scene and the pid of its stage process."""
    run = play.start(WAITS, "--view", "none", user=user)
    poll(lambda: run.recording.exists() and b'"ready"' in run.recording.read_bytes(), 10, "the scene does not begin")
    family = [pid for pid, (_, _, name) in processes().items() if name == "wirescene-stage" and pid in play.alive()]
    ours = [pid for pid in family if processes()[pid][0] == run.process.pid]
    assert len(ours) == 1
    return run, Path(f"/proc/{ours[0]}")


def field(proc, name):
    return re.search(rf"^{name}:\s*(.*)$", (proc / "status").read_text(), re.MULTILINE)[1]


@pytest.mark.skipif(os.getuid() != 0, reason="only root may look into a process that cannot be traced")
@pytest.mark.parametrize(
    "user", [pytest.param(None, marks=pytest.mark.wire), pytest.param("nobody", marks=pytest.mark.wire("nobody"))]
)
def test_the_stage_from_outside(play, user):
    run, proc = stage(play, user)

    tree = {folder: sorted(os.listdir(proc / "root" / folder)) for folder in (".", "dev", "dev/net")}
    assert tree == {".": ["dev", "proc"], "dev": ["net"], "dev/net": ["tun"]}
    assert os.readlink(proc / "cwd") == "/"
    mounts = [line.split() for line in (proc / "mountinfo").read_text().splitlines()]
    assert [mount[4] for mount in mounts] == ["/", "/dev/net/tun", "/proc"]
    assert "ro" in mounts[0][5].split(",")

    for space in ("net", "mnt", "pid", "user"):
        assert os.readlink(proc / "ns" / space) != os.readlink(f"/proc/self/ns/{space}"), space
    devices = re.findall(r"^\s*(\S+):", (proc / "net" / "dev").read_text(), re.MULTILINE)
    assert set(devices) == {"lo", "eth0"}  # of the host that it is in just now
    routes = (proc / "net" / "route").read_text().splitlines()[1:]
    assert all(line.split()[1] != "00000000" for line in routes), "there is a default route"

    assert field(proc, "NSpid").split()[1] == "1"
    others = [entry.name for entry in (proc / "root" / "proc").iterdir() if entry.name.isdigit()]
    assert others == ["1"], "it sees processes of others"
    assert field(proc, "NoNewPrivs") == "1"
    if user:
        assert (proc / "uid_map").read_text().split()[2] == "1", "more users than himself"

    allowed = re.compile(r"/null$|/dev/null$|anon_inode:\[(eventpoll|eventfd|timerfd)\]|socket:\[|net:\[|/dev/net/tun$|pipe:\[")
    for entry in (proc / "fd").iterdir():
        target = os.readlink(entry)
        assert allowed.search(target), f"descriptor {entry.name} is {target}"
        if target.startswith("pipe:"):
            assert entry.name == "2", "only messages for people leave by a pipe"
    outside = {line.split()[6] for line in Path(f"/proc/{run.process.pid}/net/unix").read_text().splitlines()[1:]}
    sockets = {re.sub(r"\D", "", os.readlink(entry)) for entry in (proc / "fd").iterdir() if "socket:" in os.readlink(entry)}
    assert len(sockets & outside) == 1, "one socket leads outside, to the front"

    run.signal(2)
    assert run.end().status == 130


@pytest.mark.parametrize(
    "user", [pytest.param(None, marks=pytest.mark.wire), pytest.param("nobody", marks=pytest.mark.wire("nobody"))]
)
@pytest.mark.parametrize("scene", ["scripts/packets/ping-pong.lua"])
def test_root_and_ordinary_users_see_the_same(play, user, scene):
    result = play(Path(scene), "--view", "none", user=user)
    assert result.status == 0 and not result.stderr, result
    assert result.of("packet") and not result.one("scene").get("loopback")


def test_a_machine_without_tap_devices_says_so(play):
    """Asked to have a wire, it names what is missing, with the status of a machine that cannot."""
    if os.getuid() != 0:
        pytest.skip("only root can take /dev/net/tun away")
    argv, options = play.scene(WAITS, ["--view", "none", "--require-wire"], None, None, False)
    hidden = 'mount -t tmpfs tmpfs /dev/net && exec "$@"'
    result = play.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", hidden, "sh", *argv], **options).end()
    result.sentence(3, "/dev/net/tun")
