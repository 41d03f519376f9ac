"""wirescene check: scenes that hold, scenes that do not, and why."""

import xml.etree.ElementTree as xml

import pytest

import refusals
from machine import allow_programs
from play import ROOT

PROGRAMS = allow_programs(*(path.read_text() for path in (ROOT / "scripts").rglob("*.lua")))

GOOD = 'title "good"\nlocal a = host "a"\nexpect(a.name == "a", "its name")\n'
FAILS = 'title "fails"\nlocal n = 3\nexpect(n == 4, "n is four")\n'
UNREACHED = 'title "unreached"\nif now() < 0 then\n  expect(true, "never")\nend\nexpect(true, "always") -- expect(false)\n'
EMPTY = 'title "empty"\nsay "nothing is checked"\n'
BROKEN = 'title "broken"\nlocal x = nil\nx.y = 1\n'


def lines_of(result):
    return result.stdout.splitlines()


def test_a_folder_of_scenes(play):
    folder = play.folder / "talk"
    folder.mkdir()
    for name, text in {"good": GOOD, "fails": FAILS, "unreached": UNREACHED, "empty": EMPTY, "broken": BROKEN}.items():
        (folder / f"{name}.lua").write_text(text)
    (folder / "library.lua").write_text("return { answer = 42 }\n")  # no scene: it has no title
    junit = play.folder / "out.xml"
    result = play.command("check", folder, "--junit", junit)
    assert result.status == 1
    lines = lines_of(result)
    assert lines[-1] == "1 passed, 4 failed"
    assert any(line.startswith("✓ pass") and "good.lua" in line for line in lines)
    told = "\n".join(lines)
    for why in ("line 3: n is four", "line 3: this expect was never reached", "it has no expect", "broken.lua:3: attempt to index"):
        assert why in told
    assert "library.lua" not in told
    suite = xml.parse(junit).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("5", "4")
    failed = {case.get("name").rsplit("/")[-1] for case in suite if case.find("failure") is not None}
    assert failed == {"fails.lua", "unreached.lua", "empty.lua", "broken.lua"}


def test_all_well(play):
    scene = play.folder / "good.lua"
    scene.write_text(GOOD)
    result = play.command("check", scene, "--jobs", "2")
    assert (result.status, lines_of(result)[-1]) == (0, "1 passed, 0 failed")


KNOBS = """title "knobs"
local a, b, any = param("a", 2, { 1, 2, 3 }), param("b", false), param("any", "thing")
expect(host "x" ~= nil, "a host")
expect(not (a == 3 and b), "not both")
"""


def test_every_choice_of_every_param(play):
    scene = play.folder / "knobs.lua"
    scene.write_text(KNOBS.replace("a == 3", "a == 4"))
    assert lines_of(play.command("check", scene))[0].endswith("2 checks")
    result = play.command("check", scene, "--choices")
    assert result.status == 0 and lines_of(result)[0].endswith("12 checks  in 6 plays"), result

    scene.write_text(KNOBS)
    assert play.command("check", scene).status == 0
    result = play.command("check", scene, "--choices")
    assert result.status == 1 and "a=3 b=true → line 4: not both" in result.stdout, result

    many = "".join(f'param("p{i}", true)\n' for i in range(7))
    scene.write_text(f'title "many"\n{many}expect(host "x" ~= nil, "a host")\n')
    result = play.command("check", scene, "--choices")
    assert result.status == 0 and "in 64 plays; there are more combinations" in result.stdout, result


def test_cues_that_last(play):
    scene = play.folder / "cue.lua"
    scene.write_text(
        'title "cue"\nscene { time_limit = "300ms" }\nlocal began = now()\ncue "and?"\n'
        'local took = now() - began\nexpect(host ~= nil and took > 0.5, "it took " .. took)\n'
    )
    assert play.command("check", scene).status == 1
    assert play.command("check", scene, "--pause", "600ms").status == 0  # which no limit counts


@pytest.mark.wire
@pytest.mark.release_only
def test_the_talk_library_holds_with_every_choice(play):
    result = play.command("check", ROOT / "scripts", "--choices", "--jobs", "8", *PROGRAMS, timeout=300)
    assert result.status == 0, result.stdout


@pytest.mark.wire
@pytest.mark.release_only
def test_the_talk_library_holds_in_front_of_people(play):
    """Who talks for a while lets timers run: what is told at a cue must still hold behind it."""
    result = play.command("check", ROOT / "scripts", "--pause", "4s", "--jobs", "16", *PROGRAMS, timeout=300)
    assert result.status == 0, result.stdout


def test_wrong_input(play):
    nothing = play.folder / "nothing"
    nothing.mkdir()
    for arguments, told in (
        ([], "which scenes?"),
        (["nowhere"], "cannot read nowhere"),
        ([nothing], "there is no scene in"),
        (["--jobs", "0", "scripts"], "--jobs takes a number"),
        (["--pause", "long", "scripts"], "--pause: "),
        (["--what"], "unknown option --what"),
    ):
        result = play.command("check", *arguments)
        assert result.status == 2 and told in result.stderr and result.stdout == ""


def test_without_a_wire_what_fails_is_skipped(play):
    scene = play.folder / "packets.lua"
    scene.write_text('title "x"\nlocal a = host "a"\nsleep(0)\nexpect(#packets {} == 0, "none")\n')
    argv, options = play.prepare(["check", scene], None, None)
    result = play.run([*refusals.seccomp(), *argv], **options).end()
    assert (result.status, lines_of(result)[-1]) == (0, "0 passed, 0 failed, 1 skipped")
