"""Scenes with mistakes: one sentence that names the place and the way out, and the right status. Scenes that harm: stopped."""

import pytest

TWO = 'local a, b = host "a", host "b"\n'


def wrong(play, scene, *words, status=2):
    result = play(scene, "--view", "none")
    result.sentence(status, *words)
    end = result.one("end")
    assert not end["ok"] and result.events[-1] == end, result
    return result


@pytest.mark.parametrize(
    "scene, words",
    [
        ("local a =\n", ["scene-1.lua:2:", "unexpected symbol"]),
        ("x = 1", ["scene-1.lua:1:", "`local x"]),
        ("prints(1)", ["scene-1.lua:1:", "prints", "did you mean print"]),
        ("local n = 1\nsay 'a' .. n", ["scene-1.lua:2:", 'say("a" .. b)']),
        ("say = 1", ["scene-1.lua:1:", "`say` belongs to the language"]),
        (TWO + "link(a, b, { dealy = 1 })", ["scene-1.lua:2:", "dealy", "delay"]),
        ("host('a', { adress = 1 })", ["scene-1.lua:1:", "adress", "address"]),
        ("scene { time_limt = 1 }", ["scene-1.lua:1:", "time_limt", "time_limit"]),
        ("host 'a' host 'a'", ["scene-1.lua:1:", 'already a host "a"']),
        ("sleep 'soon'", ["scene-1.lua:1:", "soon"]),
        ("require 'nothing'", ["scene-1.lua:1:", "nothing.lua", "beside the scene"]),
        ("require '../secret'", ["scene-1.lua:1:", "beside the scene"]),
        ("error(nil)", ["scene-1.lua:1:", "nil"]),
        ("error {}", ["scene-1.lua:1:", "a table"]),
        ("error(false)", ["scene-1.lua:1:", "a boolean"]),
        ("\nerror('told', 0)", ["scene-1.lua:2:", "told"]),
        ("error('Note: told', 0)", ["scene-1.lua:1: Note: told"]),
        ("local function f() return 1 + f() end f()", ["scene-1.lua:1:", "stack overflow"]),
        ("string.rep('x', 1e10)", ["scene-1.lua:1:", "too large"]),
        ("local a a = spawn('a', function() a:stop() end)", ["scene-1.lua:1:", "return"]),
        ("local x <close> = setmetatable({}, { __close = function() error 'closing' end })", ["scene-1.lua:1:", "closing"]),
        ("spawn('', print)", ["scene-1.lua:1:", "name"]),
        ("setmetatable({}, { __gc = print })", ["scene-1.lua:1:", "__gc"]),
        ("\x1bLua", ["scene-1.lua:1:", "compiled"]),
    ],
)
def test_the_place_and_the_way_out(play, scene, words):
    wrong(play, scene, *words)


@pytest.mark.wire
@pytest.mark.parametrize(
    "scene, words",
    [
        (TWO + "a:connect('c', 80)", ["scene-1.lua:2:", 'no host "c"', "a, b"]),
        (TWO + "a:connect(b, 'http')", ["scene-1.lua:2:", "port", '"http"']),
        (TWO + "local c = a:connect(b, 80)\n\nc:send 'x'", ["scene-1.lua:4:", "line 2", "ECONNREFUSED"]),
        (TWO + "sleep(0)\nhost 'c'", ["scene-1.lua:3:", "above the first call"]),
        (TWO + "b:listen(80):send()", ["scene-1.lua:2:"]),
        (TWO + "local l = b:listen(80)\nl:close()\nl:accept()", ["scene-1.lua:4:", "closed before"]),
        (TWO + "table.sort({ 2, 1 }, function() sleep(1) end)", ["scene-1.lua:2:", "nothing may wait here"]),
        (TWO + "expect(function() sleep(1) end)", ["scene-1.lua:2:", "nothing may wait here"]),
        (TWO + "packets { fate = 'lost' }", ["scene-1.lua:2:", '"delivered"']),
        (TWO + "packets { a }", ["scene-1.lua:2:", "names its fields"]),
    ],
)
def test_the_place_and_the_way_out_with_hosts(play, scene, words):
    wrong(play, scene, *words)


@pytest.mark.wire
def test_an_error_in_a_handler_fails_the_scene_and_does_not_end_it(play):
    result = wrong(
        play,
        TWO + "b:listen(80, function(conn) conn:recv()\nlocal x = nil + 1 end)\n"
        "local conn = a:connect(b, 80)\nconn:send 'x'\nlocal text, code = conn:recv()\n"
        "expect(code == 'closed', 'the handler let go')\nsay 'went on'",
        "scene-1.lua:3:", "arithmetic",
    )
    assert result.one("error")["actor"] == "b/1" and result.one("expect")["ok"] and result.of("say")
    assert result.one("end")["reason"] == "finished" and result.one("end")["errors"] == 1


def test_errors_while_something_is_closed(play):
    """The first error is told, and the one of the <close> too; so is that of an actor that is stopped."""
    closes = "local x <close> = setmetatable({}, { __close = function() error 'second' end })\n"
    result = play(closes + "error 'first'", "--view", "none")
    assert result.status == 2, result
    assert result.stderr == "wirescene: scene-1.lua:2: first\nwirescene: scene-1.lua:1: second\n"
    result = play(f"local a = spawn('a', function()\n{closes}sleep(9) end) sleep(0) a:stop()", "--view", "none")
    result.sentence(2, "scene-2.lua:2: second")


def test_stop(play):
    """Of one that has not begun, that waits, that waits for another, twice, and of one that has ended."""
    result = play(
        """
        local new = spawn("new", function() say "never" end)
        new:stop()
        local waits = spawn("waits", function() local x <close> = setmetatable({}, { __close = function() say "closed" end }) sleep(9) end)
        local joins = spawn("joins", function() return waits:join() == nil and "joined" end)
        sleep(0)
        waits:stop()
        waits:stop()
        expect(joins:join() == "joined", "who waited goes on")
        waits:stop()
        expect(new:join() == nil, "nothing came")
        """,
        "--view", "none",
    )
    assert result.status == 0, result
    assert [event["text"] for event in result.of("say")] == ["closed"]


@pytest.mark.wire
def test_everybody_waits(play):
    result = wrong(
        play, TWO + "local l = b:listen(80)\nlocal x = spawn('x', function()\n l:accept() end)\nx:join()",
        "everybody waits", "main waits in join at scene-1.lua:5", "x waits in accept at scene-1.lua:4",
    )
    assert result.one("end")["reason"] == "stuck"


@pytest.mark.wire
def test_time_limit(play):
    result = wrong(
        play, "scene { time_limit = '200ms' }\n" + TWO + "local x = spawn('x', function()\nsleep(99) end)\nx:join()",
        "time_limit of 0.2 s", "main waits in join at scene-1.lua:5", "x waits in sleep at scene-1.lua:4", status=1,
    )
    assert result.one("end")["reason"] == "time limit"


@pytest.mark.parametrize(
    "name, bytes",
    [
        ("mark.lua", b"\xef\xbb\xbfsay 'hello'\nerror 'line 2'"),
        ("shell.lua", b"#!/usr/bin/env -S wirescene run\nerror 'line 2'"),
        ("both.lua", b"\xef\xbb\xbf#!/usr/bin/env wirescene\r\nerror 'line 2'"),
        ("dos.lua", b"local a = 1\r\nerror 'line 2'\r\n"),
        ("zero.lua", b"say 'a\\0b' print('a\\0b')\nerror 'line 2'"),
        ("latin.lua", b"title '\xed\xa0\x80' say '\xff\xfe' print('\xc3(')\nerror 'line 2'"),
        ("korean.lua", "say '안녕하세요'\nerror 'line 2'".encode()),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_bytes_that_editors_leave(play, name, bytes):
    (play.folder / name).write_bytes(bytes)
    result = play.command("run", name, "--view", "json")
    result.sentence(2, f"{name}:2: line 2")


@pytest.mark.parametrize("bytes", [b"", b"#", b"\xef\xbb\xbf", b"#!x", b"-- nothing"])
def test_a_scene_of_nothing(play, bytes):
    (play.folder / "nothing.lua").write_bytes(bytes)
    assert play.command("run", "nothing.lua", "--view", "none").status == 0


# -- without an end: each costs two seconds, so one build is enough for most

ENDLESS = {
    "loop": "while true do end",
    "pcall": "while true do pcall(function() while true do end end) end",
    "sort": "table.sort({ 1, 2, 3 }, function() while true do pcall(function() while true do end end) end end)",
    "gsub": "while true do pcall(string.gsub, 'aaa', 'a', function() while true do end end) end",
    "metamethod": "local x = setmetatable({}, { __index = function() while true do end end }).x",
    "close": "do local x <close> = setmetatable({}, { __close = function() while true do end end }) end",
    "events": "while true do say 'x' end",
    "spawn": "while true do spawn('x', function() sleep(99) end) end",
    "handler": TWO + "b:listen(80, function() while true do end end) local c = a:connect(b, 80) c:recv()",
    "pattern": "local x = ('a'):rep(40):find(('a*'):rep(30) .. 'b')",
    "message handler": "xpcall(error, function() while true do end end)",
}


def dear(values, cheap):
    """Parameters of which only the cheap ones are tried with sanitizers too."""
    return [value if value in cheap else pytest.param(value, marks=pytest.mark.release_only) for value in values]


@pytest.mark.wire
@pytest.mark.parametrize("name", dear(ENDLESS, ["sort", "handler", "close"]))
def test_without_an_end(play, name):
    line = 2 if name == "handler" else 1
    if name == "events":  # a recording of hundreds of megabytes
        play(ENDLESS[name], "--view", "none", record=False).sentence(2, "scene-1.lua:1:", "computed for more than 2 s")
        return
    if name == "spawn":  # or there is no memory left before that
        result = play(ENDLESS[name], "--view", "none")
        result.sentence(2, "scene-1.lua:1:", "without" if "computed" in result.stderr else "256 MiB")
        return
    words = ["never came back"] if name in ("pattern", "message handler") else ["computed for more than 2 s"]
    if name == "spawn":  # time or memory: on a busy machine either may be over first
        words = ["without an end?"]
    wrong(play, ENDLESS[name], f"scene-1.lua:{line}:", *words)


BOMBS = [
    "local t = {} while true do t[#t + 1] = { #t } end",
    "local s = 'x' while true do s = s .. s end",
    "local t = {} for i = 1, 300 do t[i] = ('x'):rep(1e6) .. i end",
    "local t = {} for i = 1, 5 do t[i] = bytes('64MiB') .. i end",
]


@pytest.mark.parametrize("scene", dear(BOMBS, BOMBS[:2]))
def test_more_memory_than_there_is(play, scene):
    wrong(play, scene, "scene-1.lua:1:", "256 MiB")


def test_only_who_asks_for_too_much_memory_gets_the_error(play):
    result = play(
        """
        local kept = {}
        local other = spawn("other", function() sleep(0) return { "fine" } end)
        local greedy = spawn("greedy", function() while true do kept = { kept } end end)
        greedy:join()
        local got = other:join()
        kept = nil
        expect(got and got[1] == "fine", "the other one went on")
        """,
        "--view", "none",
    )
    result.sentence(2, "256 MiB")
    assert result.one("error")["actor"] == "greedy" and result.one("expect")["ok"], result


@pytest.mark.release_only
def test_a_scene_in_which_all_starve_ends(play):
    scene = "local function bomb() local x = bytes(1e6) spawn('x', bomb) spawn('x', bomb) sleep(99) return x end bomb()"
    result = play(scene, "--view", "none")
    assert result.status == 2 and set(result.stderr.splitlines()) == {
        "wirescene: scene-1.lua:1: the scene needs more than 256 MiB of memory: is something growing without an end?"
    }, result


@pytest.mark.release_only  # a gibibyte
def test_more_events_than_anybody_wants(play):
    """A loop that does wait now and then fills no disk."""
    scene = "local much = bytes(100000)\nwhile true do for i = 1, 100 do say(much) end sleep(0) end"
    play(scene, "--view", "none", record=False).sentence(2, "1024 MiB of events")
