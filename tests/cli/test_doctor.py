"""wirescene doctor: each refusal is made for real, and the sentence and the status are looked at. What `run` says of
the same machine is the same sentence."""

import json
import os

import pytest
import refusals
from machine import for_everybody

SCENE = """
local server, client = host "server", host "client"
server:listen(8080)
client:connect(server, 8080)
"""

RAN, LOOPBACK, WRONG, NOTHING = 0, 1, 2, 3


def around(play, before, *args, **env):
    argv, options = play.prepare(list(args), env, None)
    argv[0] = str(for_everybody(play.build / "wirescene"))
    return play.run([*before, *argv], **options).end()


def doctor(play, before, *args, **env):
    """Status, and the checks by their names."""
    result = around(play, before, "doctor", "--json", *args, **env)
    told = json.loads(result.stdout)
    assert result.stderr == ""
    assert told["wire"] == (result.status == RAN), result
    assert told["scenes"] == (result.status in (RAN, LOOPBACK)), result
    for check in told["checks"]:
        assert list(check) == ["name", "ok", "needed", "found", "means", "helps"]
        assert check["ok"] or check["means"] or check["ok"] is None, check
    return result.status, {check["name"]: check for check in told["checks"]}


def refused(play, before, name, means, helps):
    """Doctor blames `name`; a scene runs over the loopback, unless it must have the wire: then it says the same."""
    status, checks = doctor(play, before)
    assert status == LOOPBACK
    check = checks[name]
    assert check["ok"] is False and check["needed"]
    assert means in check["means"]
    assert helps in (check["helps"] or "")
    text = around(play, before, "doctor").stdout
    assert f"✗ fails   {name}" in text and helps in text and "loopback only" in text
    scene = play.folder / "scene.lua"
    scene.write_text(SCENE)
    told = around(play, before, "run", scene, "--view", "none", "--require-wire")
    assert told.status == 3, told
    assert len(told.stderr.splitlines()) == 1
    assert means in told.stderr and helps in told.stderr
    played = around(play, before, "run", scene, "--view", "none")
    assert played.status == 0, played
    assert len(played.stderr.splitlines()) == 1
    assert means in played.stderr and helps in played.stderr


@pytest.mark.wire
def test_a_machine_with_all(play):
    status, checks = doctor(play, [])
    assert status == RAN
    assert not [check for check in checks.values() if check["needed"]]
    for name in ("kernel", "namespaces", "device", "stage", "host", "states", "counters", "rules", "programs", "memory"):
        assert checks[name]["ok"] is True, checks[name]
    text = around(play, [], "doctor").stdout
    assert text.endswith("\nScenes run here with hosts and wires.\n")


ROUTED = """
local inside, outside, machine = host "inside", host "outside", router "machine"
local near, far = link(inside, machine), link(outside, machine)
outside:listen(80)
if param("rewrite", false) then machine:masquerade(far) end
expect(inside:connect(outside, 80), "forwarded")
"""


@pytest.mark.wire
def test_no_netfilter(play):
    """All but what needs it still works."""
    before = refusals.no_netfilter()
    status, checks = doctor(play, before)
    assert status == RAN
    check = checks["rules"]
    assert check["ok"] is False and not check["needed"]
    assert "nf_tables" in check["found"] and "masquerade" in check["means"]
    assert "sudo modprobe -a nf_tables" in check["helps"]
    scene = play.folder / "scene.lua"
    scene.write_text(ROUTED)
    assert around(play, before, "run", scene, "--view", "none").status == 0
    told = around(play, before, "run", scene, "--view", "none", "--set", "rewrite=true")
    assert told.status == NOTHING, told
    assert len(told.stderr.splitlines()) == 1 and "scene.lua:5: no rules for routers" in told.stderr
    assert "sudo modprobe -a nf_tables" in told.stderr


@pytest.mark.wire
def test_no_user_namespaces(play):
    refused(
        play,
        refusals.no_user_namespaces(),
        "namespaces",
        "no user namespaces at all (user.max_user_namespaces = 0)",
        "sudo sysctl user.max_user_namespaces=10000",
    )


@pytest.mark.wire
def test_root_can_do_without_user_namespaces(play):
    status, checks = doctor(play, refusals.no_user_namespaces(root=True))
    assert status == RAN
    assert checks["namespaces"]["found"].startswith("network, mount, PID; refused: user")


@pytest.mark.wire
def test_a_filter_of_a_container(play):
    helps = "docker run --device /dev/net/tun --security-opt seccomp=unconfined"
    refused(play, refusals.seccomp(), "namespaces", "seccomp filter", helps)


@pytest.mark.wire
def test_debian_with_its_switch_off(play):
    refused(
        play,
        refusals.setting("unprivileged_userns_clone", 0),
        "namespaces",
        "only root may make user namespaces here (kernel.unprivileged_userns_clone = 0)",
        "sudo sysctl kernel.unprivileged_userns_clone=1",
    )


@pytest.mark.wire
def test_ubuntu_with_apparmor(play):
    refused(
        play,
        refusals.setting("apparmor_restrict_unprivileged_userns", 1),
        "namespaces",
        "kernel.apparmor_restrict_unprivileged_userns = 1",
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    )


@pytest.mark.wire
@pytest.mark.parametrize("root", [False, True], ids=["user", "root"])
def test_inside_a_chroot(play, root):
    (play.folder / "root").mkdir()
    before = refusals.chroot(play.folder / "root") + ([] if root else refusals.POWERLESS)
    refused(play, before, "namespaces", "inside a chroot", "")


@pytest.mark.wire
def test_the_device_is_missing(play):
    refused(play, refusals.no_device(), "device", "/dev/net/tun is not there", "sudo modprobe tun")


@pytest.mark.wire
def test_in_a_container_the_container_is_to_be_told(play):
    _, checks = doctor(play, refusals.no_device(), container="podman")
    assert checks["device"]["helps"].startswith("podman run --device /dev/net/tun ")
    assert "in a container: podman" in checks["kernel"]["found"]


@pytest.mark.wire
@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a device for the test")
def test_the_device_is_for_its_owner(play):
    closed = refusals.script("mount -t tmpfs -o mode=755 tmpfs /dev/net && mknod -m 600 /dev/net/tun c 10 200")
    before = ["unshare", "--mount", "--propagation", "private", *closed, *refusals.ordinary()]
    status, checks = doctor(play, before, TMPDIR="/tmp")
    assert status == LOOPBACK
    assert checks["device"]["found"] == "/dev/net/tun: Permission denied"
    assert "mode 0600" in checks["device"]["means"]
    assert checks["device"]["helps"] == "sudo chmod 666 /dev/net/tun"
    assert checks["namespaces"]["ok"] is True
    assert checks["stage"]["ok"] is None and checks["stage"]["found"].startswith("not tried")


@pytest.mark.wire
@pytest.mark.parametrize("read_only", [False, True], ids=["writable", "read-only"])
def test_proc_is_masked(play, read_only):
    before = refusals.masked_proc(read_only)
    status, checks = doctor(play, before)
    assert status == RAN
    assert "the machine's /proc" in checks["stage"]["found"]
    assert checks["stage"]["ok"] is not read_only and not checks["stage"]["needed"]
    scene = play.folder / "scene.lua"
    scene.write_text(SCENE)
    played = around(play, before, "run", scene, "--require-wire")
    assert played.status == 0, played
    assert "SYN" in played.stdout


def test_not_even_a_process_can_be_started(play):
    env = {"TMPDIR": "/tmp", "ASAN_OPTIONS": "exitcode=99:detect_leaks=0"}  # leaks want a process
    status, checks = doctor(play, refusals.no_processes(), **env)
    assert status == NOTHING
    assert "no more processes" in checks["namespaces"]["means"]
    assert checks["loopback"]["ok"] is False
    played = around(play, refusals.no_processes(), "run", "/dev/null", **env)
    assert played.status == NOTHING
    assert "cannot start the process of the stage: this user may have no more processes" in played.stderr


def test_descriptors_are_counted(play):
    before = ["prlimit", "--nofile=200:400", "--"]
    _, checks = doctor(play, before)
    assert checks["descriptors"]["found"] == "200 now, raised to 400 for a scene: about 168 connections at once"
    assert checks["descriptors"]["ok"] is False and not checks["descriptors"]["needed"]
    assert "prlimit --pid $$" in checks["descriptors"]["helps"] or "--ulimit" in checks["descriptors"]["helps"]


def test_surroundings(play):
    programs = play.folder / "programs"
    programs.mkdir()
    _, checks = doctor(play, [], PATH=str(programs), LANG="C", TMPDIR="/proc")
    assert checks["browser"]["ok"] is False and not checks["browser"]["needed"]
    assert checks["letters"]["helps"] == "export LC_ALL=C.UTF-8"
    assert checks["folder"]["found"].startswith("/proc: ")
    (programs / "firefox").write_text("#!/bin/sh\n")
    (programs / "firefox").chmod(0o755)
    _, checks = doctor(play, [], PATH=str(programs), LC_ALL="ko_KR.nonsense", LANG="C.UTF-8")
    assert checks["browser"]["found"].startswith("firefox")
    assert checks["letters"]["found"] == "locale ko_KR.nonsense is not installed"
    assert checks["folder"]["ok"] is True


def test_on_a_terminal(play):
    argv, options = play.prepare(["doctor"], {}, None)
    wide = play.run(argv, size=(100, 40), **options).end()
    assert "100 columns, colours" in wide.stdout and "\x1b[" in wide.raw.decode()
    argv, options = play.prepare(["doctor"], {"NO_COLOR": "1", "LC_ALL": "C"}, None)
    plain = play.run(argv, size=(60, 40), **options).end()
    assert "\x1b[" not in plain.raw.decode()
    assert plain.raw.isascii()
    assert "! note    terminal    60 columns" in plain.stdout
    commands = [line for line in plain.stdout.splitlines() if "->" in line]
    assert all(len(line) <= 60 for line in plain.stdout.splitlines() if line not in commands), plain


def test_the_command_line(play):
    told = play.command("doctor", "--help")
    assert told.status == 0 and told.stdout.startswith("usage: wirescene doctor")
    for args in (["--color", "red"], ["--jason"], ["all"], ["--color"]):
        result = play.command("doctor", *args)
        assert result.status == WRONG, result
        assert result.stderr.endswith("; see wirescene doctor --help\n")
    assert "\x1b[" in play.command("doctor", "--color", "always").stdout
