"""--help, the manual page and the completions of three shells say the same."""

import re
import shutil
import subprocess

import pytest
from play import ROOT
from waiting import LIMIT

MANUAL = ROOT / "engine/command/wirescene.1"
COMPLETION = ROOT / "engine/command/completion"


def commands(play):
    return re.findall(r"^  ([a-z]+) ", play.command("--help").stdout, re.MULTILINE)


def options(play, command):
    """Option → its value as --help has it ("" if it takes none)."""
    text = play.command(command, "--help").stdout
    return dict(re.findall(r"^ {2,6}(--?[a-z-]+) ?(\S*)", text, re.MULTILINE))


def all_options(play):
    found = {command: options(play, command) for command in commands(play)}
    assert found["run"]["--view"] == "ladder|log|states|json|none" and found["doctor"]["--json"] == ""
    return found


def shell(play, *argv):
    """What a shell prints, with the binary under test as `wirescene`."""
    if not shutil.which(argv[0]):
        pytest.skip(f"{argv[0]} is not installed")
    _, surroundings = play.prepare([], {}, None)
    surroundings["env"]["PATH"] = f"{play.build}:{surroundings['env']['PATH']}"
    done = subprocess.run(argv, **surroundings, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT)
    assert done.stderr == "", done.stderr
    return done.stdout.splitlines()


def test_every_command_has_its_help(play):
    for command in commands(play):
        told = play.command(command, "--help")
        assert told.status == 0 and told.stderr == ""
        assert told.stdout.startswith(f"usage: wirescene {command}")
        assert re.search(rf"\n\n(  wirescene {command}.*\n)+$", told.stdout), "it ends with examples"
        assert all(len(line) <= 100 for line in told.stdout.splitlines())


def test_the_manual_page_has_every_command_and_option(play):
    text = MANUAL.read_text()
    for command, names in all_options(play).items():
        section = re.search(rf"^\.Ss {command}$(.*?)(?=^\.S[sh] )", text, re.MULTILINE | re.DOTALL)
        assert section, f"wirescene(1) does not tell of {command}"
        told = {"-" + name for name in re.findall(r"^\.It Fl (\S+)", section[1], re.MULTILINE)}
        assert told == set(names), f"options of {command} in wirescene(1)"


def test_the_manual_page_is_without_fault(play):
    page = shell(play, "man", "--warnings", "-E", "UTF-8", "-l", str(MANUAL))  # warnings go to standard error
    assert "NAME" in page


def bash(play, *words):
    script = f"""
        source {COMPLETION}/wirescene.bash || exit 1
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _wirescene
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return set(shell(play, "bash", "-c", script, "bash", *words))


def fish(play, *words):
    script = f"source {COMPLETION}/wirescene.fish; complete -C '{' '.join(words)}'"
    return {line.split("\t")[0] for line in shell(play, "fish", "--no-config", "-c", script)}


@pytest.mark.parametrize("complete", [bash, fish])
def test_completion(play, complete):
    assert complete(play, "wirescene", "") | {"--help", "--version"} == {*commands(play), "--help", "--version"}
    for command, names in all_options(play).items():
        offered = complete(play, "wirescene", command, "-") | complete(play, "wirescene", command, "--")
        assert offered == {*names, "--help"}
        for option, value in names.items():
            if "|" in value:
                assert complete(play, "wirescene", command, option, "") == set(value.split("|"))
            elif value and value != "FILE":
                assert complete(play, "wirescene", command, option, "") <= {""}


@pytest.mark.parametrize("complete", [bash, fish])
def test_completion_of_files(play, complete):
    (play.folder / "talk.lua").touch()
    (play.folder / "talk.md").touch()
    assert complete(play, "wirescene", "run", "tal") == {"talk.lua"}
    assert complete(play, "wirescene", "run", "-o", "tal") == {"talk.lua", "talk.md"}
    assert complete(play, "wirescene", "doctor", "tal") <= {""}


@pytest.mark.parametrize("complete", [bash, fish])
def test_completion_of_words(play, complete):
    assert complete(play, "wirescene", "language", "conn") == {"connect"}
    assert complete(play, "wirescene", "language", "sett") == {"settle"}


ZSH = f"""
    fpath=({COMPLETION} $fpath)
    autoload -Uz compinit
    compinit -u -D
    [[ $_comps[wirescene] == _wirescene ]] || exit 1
    _call_program() {{ shift; eval "$@" }}
    _describe() {{ print -rl -- ${{(P)4}} }}
    _arguments() {{ print -rl -- "$@" }}
    words=("$@") CURRENT=$#
    _wirescene
"""


def test_completion_of_zsh(play):
    """It loads by its first line, and describes everything to zsh's own machinery."""
    told = shell(play, "zsh", "-f", "-c", ZSH, "zsh", "wirescene", "")
    assert {line.split(":")[0] for line in told} >= set(commands(play))
    for command, names in all_options(play).items():
        told = shell(play, "zsh", "-f", "-c", ZSH, "zsh", "wirescene", command, "--")
        described = {re.match(r"\*?(--?[a-z-]+)", line)[1]: line for line in told if "-" in line[:2]}
        assert set(described) == {*names, "--help"}
        if command == "language":
            assert any(line.startswith("1:word:(") and " connect " in line for line in told)
        for option, value in names.items():
            if "|" in value:
                assert described[option].endswith(f":({value.replace('|', ' ')})")


def test_completion_in_a_real_zsh(play):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    (play.folder / ".zshrc").write_text(
        f"fpath=({COMPLETION} $fpath); autoload -Uz compinit; compinit -u -D; PS1='ready> '\nPATH={play.build}:$PATH\n"
    )
    argv, options = play.prepare([], {"ZDOTDIR": str(play.folder), "SHELL": "zsh"}, None)
    run = play.run(["zsh", "-i"], size=(100, 24), **options)
    run.wait_for("ready>")
    run.press("wirescene run --vi\t")
    run.wait_for("--view")
    run.press("lad\t")
    run.wait_for("ladder")
    run.press("\x15exit\r")  # ^U empties the line
    run.end()
