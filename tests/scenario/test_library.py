"""The talk library, as its readers meet it: every scene says what is seen, in two languages, and is listed."""

import re

import pytest

from play import ROOT

SCENES = sorted((ROOT / "scripts").rglob("*.lua"))
LIST = (ROOT / "scripts" / "README.md").read_text()
HANGUL = re.compile("[가-힣]")
PAIR = re.compile(r'\{ ko = "((?:[^"\\]|\\.)*)",\s+en = "((?:[^"\\]|\\.)*)" \}')


@pytest.fixture(params=SCENES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def scene(request):
    return request.param


def row_of(scene):
    """Its cells in the list."""
    link = f"[{scene.stem}]({scene.parent.name}/{scene.name})"
    (row,) = [line for line in LIST.splitlines() if link in line]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_it_begins_with_what_is_seen_and_is_short(scene):
    lines = scene.read_text().splitlines()
    assert lines[0].startswith("-- Seen: ") and lines[0].endswith(".")
    assert lines[1].startswith("title {")
    assert len(lines) <= 45 and max(map(len, lines)) <= 120


def test_it_speaks_two_languages(scene):
    text = scene.read_text()
    pairs = PAIR.findall(text)
    assert len(pairs) == len(re.findall(r"\{ ko =", text))
    for korean, english in pairs:
        assert HANGUL.search(korean) or korean == english, korean
        assert english and not HANGUL.search(english), english
        assert len(re.findall("%[^%]", korean)) == len(re.findall("%[^%]", english)), f"{korean} / {english}"


def test_it_asks_before_it_shows(scene):
    text = scene.read_text()
    assert re.search(r"^cue|^say", text, re.M), "no question, no narration"
    assert re.search(r"^\s*expect\(", text, re.M)


def test_it_is_listed(scene):
    _, korean, english, knobs = row_of(scene)
    assert (korean, english) == PAIR.search(scene.read_text()).groups()
    for name in re.findall(r'param\("(\w+)"', scene.read_text()):
        assert f"`{name}`" in knobs


def test_nothing_else_is_listed():
    assert len(re.findall(r"^\| \[", LIST, re.M)) == len(SCENES)
