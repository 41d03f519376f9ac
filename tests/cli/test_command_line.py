"""Wrong command lines and files: one clear sentence on standard error, and the right exit status."""

import os
import subprocess

import pytest
from play import ROOT

SCENE = "say 'hello'"
HOSTS = """
local server, client = host "server", host "client"
local listener = server:listen(80)
local conn = client:connect(server, 80)
conn:send "x"
conn:close()
"""


@pytest.mark.parametrize(
    "args, words",
    [
        (["--view", "picture"], ["--view picture", "ladder, log, states, json and none"]),
        (["--set", "loss"], ["--set loss", "NAME=VALUE"]),
        (["--set", "=1"], ["--set =1", "NAME=VALUE"]),
        (["--seed", "x"], ["--seed x", "whole number"]),
        (["--seed", "-1"], ["--seed -1", "whole number"]),
        (["--seed", "99999999999999999999"], ["--seed", "whole number"]),
        (["--width", "3"], ["--width 3", "40 to 400"]),
        (["--width", "wide"], ["--width wide", "40 to 400"]),
        (["--lang", "fr"], ["--lang fr", "ko and en"]),
        (["--color", "blue"], ["--color blue", "auto, always and never"]),
        (["--snap", "65536"], ["--snap 65536", "0 to 65535"]),
        (["--bogus"], ["--bogus", "--help"]),
        (["-x"], ["-x", "--help"]),
        (["--seed"], ["--seed", "value"]),
        (["another.lua"], ["one scene", "another.lua"]),
        (["-o", "talk.avi"], ["talk.avi", ".jsonl", ".pcapng"]),
        (["-o", "talk"], ["talk", ".jsonl", ".pcapng"]),
        (["-o", "no/such/folder/talk.jsonl"], ["no/such/folder/talk.jsonl", "No such file or directory"]),
        (["-o", "-", "--view", "ladder"], ["standard output", "--view none"]),
    ],
    ids=" ".join,
)
def test_a_wrong_option_is_named_with_what_would_be_right(play, args, words):
    play(SCENE, *args, record=False).sentence(2, *words)


def test_a_command_that_is_none(play):
    play.command("dance").sentence(2, "dance", "wirescene run")
    play.command("run").sentence(2, "which scene", "wirescene run SCENE.lua")


def test_help_is_no_mistake(play):
    for args in (["--help"], ["help"], ["run", "--help"]):
        result = play.command(*args)
        assert result.status == 0 and "usage: wirescene" in result.stdout and not result.stderr, result


def test_a_setting_that_the_scene_does_not_have(play):
    result = play("param('loss', 0.1) param('size', 10)", "--set", "lost=1", "--view", "none")
    result.sentence(2, "--set lost", "loss, size")


def test_a_setting_of_the_wrong_kind(play):
    result = play("\nparam('size', 10)", "--set", "size=big", "--view", "none")
    result.sentence(2, "scene-1.lua:2", "--set size=big", "a number")
    result = play("param('way', 'a', { 'a', 'b' })", "--set", "way=c", "--view", "none")
    result.sentence(2, "way", "a, b")


def test_a_file_that_is_no_scene(play):
    play.command("run", "missing.lua").sentence(2, "missing.lua", "No such file")
    (play.folder / "folder.lua").mkdir()
    play.command("run", "folder.lua").sentence(2, "folder.lua", "Is a directory")
    (play.folder / "large.lua").write_text("-- much\n" * 20000)
    play.command("run", "large.lua").sentence(2, "large.lua", "KiB", "require")


def test_several_outputs_at_once(play):
    names = ["a.jsonl", "b.jsonl", "c.pcapng"]
    result = play(SCENE, *[word for name in names for word in ("-o", name)], "--view", "none")
    assert result.status == 0, result
    a, b, c = [(play.folder / name).read_bytes() for name in names]
    assert a == b == result.recording.read_bytes()
    assert c[:4] == bytes.fromhex("0a0d0d0a")


@pytest.mark.wire
def test_a_full_disk_is_told_and_costs_only_that_file(play):
    (play.folder / "full.jsonl").symlink_to("/dev/full")
    (play.folder / "full.pcapng").symlink_to("/dev/full")
    for name in ("full.jsonl", "full.pcapng"):
        result = play(HOSTS, "-o", name, "--view", "none")
        result.sentence(3, name, "No space left")
        assert result.one("end")["ok"], result


def shell(play, script, *args):
    """Plays HOSTS by a line of shell, in which "$@" is `wirescene run SCENE -o RECORDING ARGS…`."""
    argv, options = play.scene(HOSTS, args, None, None, True)
    return play.run(["bash", "-c", script, "bash", *argv], **options).end()


@pytest.mark.wire
@pytest.mark.parametrize("view", ["ladder", "log", "states", "json"])
def test_standard_output_on_a_full_disk(play, view):
    result = shell(play, '"$@" >/dev/full', "--view", view)
    result.sentence(3, "cannot go on writing standard output", "No space left")
    assert result.one("end")["ok"], result


@pytest.mark.wire
@pytest.mark.parametrize("view", ["ladder", "json"])
def test_a_reader_that_has_seen_enough(play, view):
    """`wirescene run … | head -1` is no failure, and the recording is whole."""
    result = shell(play, '"$@" | head -1; exit "${PIPESTATUS[0]}"', "--view", view)
    assert result.status == 0 and not result.stderr, result
    assert len(result.stdout.splitlines()) == 1 and result.one("end")["ok"], result


@pytest.mark.wire
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_descriptors_are_not_mixed_up_with_files(play, closed):
    result = shell(play, '"$@" ' + closed)
    assert result.status == 0, result
    lines = result.recording.read_text().splitlines()
    assert all(line.startswith('{"id":') for line in lines), lines
    assert result.one("end")["ok"], result


@pytest.mark.wire
def test_no_room_for_temporary_files(play):
    """The scene is ended, and what there was room for is recorded."""
    if os.getuid() != 0:
        pytest.skip("only root can make a small disk")
    small = play.folder / "small"
    small.mkdir()
    scene = 'while true do say(("x"):rep(1000)) sleep(0) end'
    argv, options = play.scene(scene, ["--view", "none"], {"TMPDIR": small}, None, True)
    mount = ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'mount -t tmpfs -o size=1m tmpfs {small} && exec "$@"']
    result = play.run([*mount, "sh", *argv], **options).end()
    result.sentence(3, "temporary file", "No space left")
    assert result.one("end")["reason"] == "crashed" and len(result.of("say")) > 500, result


@pytest.mark.wire
def test_make_run_twice():
    """What the README promises; the second run has nothing of the first in its way."""
    for _ in range(2):
        done = subprocess.run(["make", "run"], cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 and "done" in done.stdout, done.stdout + done.stderr


def test_a_wrong_ending_empties_no_other_file(play):
    kept = play.folder / "kept.jsonl"
    kept.write_text("last week's recording\n")
    result = play('title "x"\n', "-o", kept, "-o", "wrong.foo", record=False)
    assert result.status == 2 and "wrong.foo" in result.stderr
    assert kept.read_text() == "last week's recording\n"
