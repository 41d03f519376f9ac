"""What the READMEs promise: their scenes play, the files and words they name are there."""

import re
import shutil

import pytest

from play import ROOT

PAGES = ("README.md", "README.ko.md")
BLOCKS = [
    pytest.param(page, text, id=f"{page}-{number}")
    for page in PAGES
    for number, text in enumerate(re.findall(r"```lua\n(.*?)```", (ROOT / page).read_text(), re.S))
    if text.startswith("title")
]


@pytest.mark.wire
@pytest.mark.parametrize("page,text", BLOCKS)
def test_its_scenes_hold(play, page, text):
    programs = re.findall(r'"(\w+)"', re.search(r"needs = \{(.*?)\}|$", text)[1] or "")
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    result = play(text, *[word for program in programs for word in ("--allow-run", program)])
    assert result.status == 0 and result.of("expect"), str(result)


@pytest.mark.parametrize("page", PAGES)
def test_its_files_are_there(page):
    text = (ROOT / page).read_text()
    named = re.findall(r"\]\((?!https?:)([^)#]+)\)", text) + re.findall(r"wirescene run (scripts/\S+)", text)
    assert named
    for path in named:
        assert (ROOT / path).exists(), path


def test_its_words_are_those_of_the_language(play):
    text = (ROOT / "README.md").read_text()
    table = text[text.index("## The language, in short") : text.index("All words with all options")]
    known = play.command("language").stdout
    for word in re.findall(r"`([a-z_]+(?:[:.][a-z_]+)?)`", table):
        assert re.search(rf"\b{word}\b|\bhost[.:]{word}\b", known) or word in ("host.name", "host.address", "host.lo"), word
