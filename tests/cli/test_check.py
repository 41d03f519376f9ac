"""wirescene check: scenes that hold, scenes that do not, and why."""

import xml.etree.ElementTree as xml

import refusals
from play import ROOT

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


def test_the_talk_library_holds(play):
    result = play.command("check", ROOT / "scripts", timeout=120)
    assert result.status == 0, result.stdout


def test_wrong_input(play):
    nothing = play.folder / "nothing"
    nothing.mkdir()
    for arguments, told in (
        ([], "which scenes?"),
        (["nowhere"], "cannot read nowhere"),
        ([nothing], "there is no scene in"),
        (["--jobs", "0", "scripts"], "--jobs takes a number"),
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
