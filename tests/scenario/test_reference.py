"""The reference of the language against the engine: what is offered is documented, what is documented is there and runs,
and every word, failure and sentence of misuse is met by some test."""

import json
import re
import shutil
import subprocess

import pytest

from definitions import FILE, Definitions
from play import ROOT

DEFINITIONS = Definitions()
PAGE = ROOT / "scripts/REFERENCE.md"
TESTS = [path for kind in ("*.lua", "*.py") for path in (ROOT / "tests").rglob(kind) if path.name != "test_reference.py"]
SCENES = [path for folder in ("tests/scenario", "scripts") for path in (ROOT / folder).rglob("*.lua")]


@pytest.fixture(scope="module")
def offered(build):
    """Kind → owner → words, as the running engine has them (tests/unit/offered.lua)."""
    told = subprocess.run([build / "tests/unit/offered"], capture_output=True, text=True, check=True).stdout
    found = {"global": {"": set()}, "method": {}, "property": {}, "table": {}}
    for kind, *words in map(str.split, told.splitlines()):
        owner, name = words[:2] if kind != "global" else ("", words[0])
        found[kind].setdefault(owner, set()).add(name)
    return found


def of_lua():
    """The names of Lua itself, as the introduction lists them."""
    intro = re.search(r"^-- Of Lua itself: (.*?)\n--\n", DEFINITIONS.text, re.MULTILINE | re.DOTALL)[1]
    return set(re.findall(r"`([\w.]+)`", intro.split("there is no")[0]))


def test_every_global_name(offered):
    documented = {name for name, word in DEFINITIONS.words.items() if not word.owner}
    assert documented | of_lua() - {"math.random"} == offered["global"][""]


def test_every_method_and_property(offered):
    handles = {name: one for name, one in DEFINITIONS.classes.items() if one.variable}
    assert set(handles) == {owner.capitalize() for owner in offered["method"]}
    for name, one in handles.items():
        owner = name.lower()
        assert DEFINITIONS.methods(name) == offered["method"][owner], f"methods of a {owner}"
        assert set(one.fields) == offered["property"].get(owner, set()), f"properties of a {owner}"


def class_of(table):
    """listen_options → ListenOptions, url_fields → Url"""
    words = table.removesuffix("_fields").split("_")
    return "".join(word.capitalize() for word in words)


def test_every_option(offered):
    """A class may take over what another has: then the engine's table names both, or only its own."""
    for table, names in offered["table"].items():
        name = class_of(table)
        assert name in DEFINITIONS.classes, f"the class {name}, for {table} of the prelude"
        documented, own = DEFINITIONS.fields(name), set(DEFINITIONS.classes[name].fields)
        if "any_socket_option" in names:
            names = names - {"any_socket_option"} | set(DEFINITIONS.classes["SocketOptions"].fields)
        assert own <= names <= documented, f"{table}, as {name}"
    options = {name for name in DEFINITIONS.classes if name.endswith("Options")} - {"SocketOptions"}
    assert options == {class_of(table) for table in offered["table"] if table.endswith("_options")}


WHAT_THERE_IS = """
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
local function told(what, ...) print(what, select(2, pcall(...))) end
local function keys(what, value)
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  print(what, table.concat(names, ", "))
end
near:send "1"
told("PacketFilter", packets, { zzz = 1 })
told("RuleFilter", client.wire.drop, client.wire, { zzz = 1 })
told("DelayFilter", client.wire.delay, client.wire, { zzz = 1 })
told("Protocol", packets, { protocol = "zzz" })
told("IcmpMessage", packets, { icmp = "zzz" })
told("PacketNote", packets, { note = "zzz" })
told("Fate", packets, { fate = "zzz" })
told("SocketOption", near.get, near, "zzz")
keys("SocketRow", server:sockets()[1])
keys("TcpInfo", near:info())
server:http(8080, { ["/"] = function(request) keys("Request", request) return "" end })
keys("Response", client:get "http://server:8080/")
for _, packet in ipairs(packets()) do keys("Packet", packet) end
"""


@pytest.mark.wire
def test_what_there_is_by_the_engines_own_words(play):
    """Fields and choices that the engine lists where one is wrong, or that the values have."""
    result = play(WHAT_THERE_IS, "--view", "none")
    assert result.status == 0, str(result)
    found = {}
    for event in result.of("print"):
        what, text = event["text"].split("\t")
        listed = re.sub(r"^.*(there are|is one of|protocol is) ", "", text).replace('" or "', '", "')
        listed = listed.removesuffix(" (also as nodelay, reuseaddr, …)").removesuffix(", not zzz")
        found.setdefault(what, set()).update(name.strip('"') for name in listed.split(", "))
    sometimes = {"Packet": {"note", "of", "mss", "data", "call", "protocol", "icmp", "fragment"}}
    for what, names in found.items():
        if what in DEFINITIONS.choices:
            assert set(DEFINITIONS.choices[what]) == names, what
        else:
            assert DEFINITIONS.fields(what) - sometimes.get(what, set()) <= names <= DEFINITIONS.fields(what), what


def test_short_names_of_socket_options():
    table = (ROOT / "engine/stage/option.c").read_text()
    options = re.findall(r'^ *\{"(\w+)", *"(\w+)",.*, *(true|false)\},$', table, re.MULTILINE)
    assert DEFINITIONS.choices["SocketOption"] == [name for name, _, _ in options]
    assert DEFINITIONS.classes["SocketOptions"].fields == [short for _, short, read_only in options if read_only == "false"]


def test_states_and_notes_are_those_of_the_recording():
    schema = (ROOT / "engine/event/event.schema.json").read_text()
    for name, choices in (("State", DEFINITIONS.choices["State"]), ("PacketNote", DEFINITIONS.choices["PacketNote"])):
        assert choices and all(f'"{choice}"' in schema for choice in choices), name


def test_annotations_speak_of_what_there_is():
    """Every class that is named is defined there; the file is Lua; and editors of scripts/ find it."""
    known = {"T"} | set(DEFINITIONS.classes) | set(DEFINITIONS.choices)
    for line in re.findall(r"^---@(?:param|return|field|alias|overload|class) .*$", DEFINITIONS.text, re.MULTILINE):
        types = re.sub(r'"[^"]*"', "", re.split(r"(?<=\S)  ", line)[0])  # two blanks before what is said of it
        assert set(re.findall(r"\b[A-Z]\w*", types)) <= known, line
    assert shutil.which("luac") is None or subprocess.run(["luac", "-p", FILE]).returncode == 0
    settings = json.loads((ROOT / "scripts/.luarc.json").read_text())
    assert FILE.parent in [(ROOT / "scripts" / folder).resolve() for folder in settings["workspace.library"]]


def with_example():
    return [pytest.param(word, id=word.name) for word in DEFINITIONS.words.values() if word.example]


def test_every_word_has_an_example():
    without = {name for name, word in DEFINITIONS.words.items() if not word.example}
    assert without == {"require"}, "which needs a second file"


@pytest.mark.wire
@pytest.mark.release_only
@pytest.mark.parametrize("word", with_example())
def test_examples_run(play, word):
    name = re.search(r"\w+$", word.name)[0]
    assert re.search(rf"\b{name}\b", word.example), "it shows the word"
    alone = re.search(r"\bhost\b *[(\"]", word.example)
    programs = [f"--allow-run={program}" for program in re.findall(r':(?:run|start)\("(\w+)"', word.example)]
    programs += [f"--allow-net={address}" for address in re.findall(r'relay "(\S+)"', word.example)]
    result = play(word.example if alone else DEFINITIONS.before_examples + word.example, "--view", "none", *programs)
    assert result.status == 0 and not result.stderr, str(result)


# -- the page and the terminal


def test_the_page_is_up_to_date(play):
    assert play.command("language", "--page").stdout == PAGE.read_text(), "make reference"


def test_the_page_leads_to_its_own_headings():
    page = PAGE.read_text()
    headings = {re.sub(r"[^\w -]", "", text.lower()).strip().replace(" ", "-") for text in re.findall(r"^#+ (.*)$", page, re.MULTILINE)}
    assert {"socketoptions", "packetfilter"} <= set(re.findall(r"\]\(#(.*?)\)", page)) <= headings


def test_the_terminal(play):
    listed = play.command("language")
    assert listed.status == 0 and all(len(line) <= 80 for line in listed.stdout.splitlines())
    for name in DEFINITIONS.words:
        assert re.search(rf"^  {re.escape(name)}\(", listed.stdout, re.MULTILINE), name
    told = play.command("language", "connect", env={"COLUMNS": "60"})
    assert told.status == 0 and all(len(line) <= 60 or line.startswith("    ") for line in told.stdout.splitlines())
    for word in ("host:connect(to, port [, options]) → conn", "ECONNREFUSED", "ConnectOptions", "from_port", "client:connect("):
        assert word in told.stdout
    assert play.command("language", "nodelay").stdout.startswith("SocketOptions\n")
    assert "\nhost:connect(" in "\n" + play.command("language", "ECONNREFUSED").stdout
    assert play.command("language", "host:listen").stdout.count(" → ") == 1
    for name in [*DEFINITIONS.words, *DEFINITIONS.classes, *DEFINITIONS.choices]:
        assert play.command("language", name).status == 0, name
    play.command("language", "conect").sentence(2, 'there is no word "conect"', "wirescene language")
    play.command("language", "a", "b").sentence(2, "b")
    play.command("language", "--pages").sentence(2, "--pages")


# -- met by tests


def text_of(paths):
    return {path: path.read_text() for path in paths}


def test_every_word_is_met_by_a_scene():
    scenes = "\n".join(text_of(SCENES).values())
    missing = []
    for name, word in DEFINITIONS.words.items():
        plain = re.search(r"\w+$", name)[0]
        call = rf"[:.]{plain}\b" if word.owner or "." in name else rf"(?<![:.\w]){plain}\b *[({{\"\[]"
        if not re.search(call, scenes):
            missing.append(name)
    assert not missing


def test_every_failure_is_met_by_a_test():
    """Somewhere the word and its code stand in one file."""
    texts = text_of(TESTS + SCENES).values()
    missing = []
    for name, word in DEFINITIONS.words.items():
        plain = re.search(r"\w+$", name)[0]
        for code in word.fails:
            if not any(re.search(rf"\b{plain}\b", text) and re.search(rf"['\"]{code}\b", text) for text in texts):
                missing.append((name, code))
    assert not missing
