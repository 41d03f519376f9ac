"""What a scene cannot check of itself: what its events say, and what differs from run to run."""

import pytest

from waiting import Failure

pytestmark = pytest.mark.wire

TELLING = """
title { ko = "제목", en = "a title" }
scene { author = "somebody", about = { ko = "무엇", en = "what" } }
local count, name = param("count", 1), param("name", "x")
say { ko = "안녕 100%", en = "hello 100%" }
say({ ko = "%d개 중 %s", en = "%d of %s" }, count, count)
"""

RANDOM = """
local a = host "a"
print(math.random(1 << 40), math.random(), math.random(6))
"""


@pytest.mark.parametrize(
    "language, title, about, first",
    [("ko", "제목", "무엇", "안녕 100%"), ("en", "a title", "what", "hello 100%")],
)
def test_two_languages(play, language, title, about, first):
    result = play(TELLING, "--lang", language)
    assert result.status == 0, str(result)
    start = result.one("scene")
    assert (start["title"], start["author"], start["about"]) == (title, "somebody", about)
    assert result.of("say")[0]["text"] == first
    by_locale = play(TELLING, env={"LANG": f"{language}_XX.UTF-8"})
    assert [say["text"] for say in by_locale.of("say")] == [say["text"] for say in result.of("say")]


def test_parameters_are_recorded(play):
    result = play(TELLING, "--set", "count=3", "--lang", "en")
    told = result.one("scene").get("params", {}) | {event["name"]: event["value"] for event in result.of("param")}
    assert told == {"count": "3", "name": "x"}
    told = {event["name"]: (event["value"], event.get("choices")) for event in result.of("param")}
    assert told == {"count": ("3", None), "name": ("x", None)}
    assert result.of("say")[1]["text"] == "3 of 3"


def test_choices_are_recorded(play):
    result = play('param("which", "가", { "가", "b" }) param("loud", true) param("rate", 0.5, { 0.5, 1 }) host "a" sleep(0)')
    told = {event["name"]: event["choices"] for event in result.of("param")}
    assert told == {"which": ["가", "b"], "loud": ["false", "true"], "rate": ["0.5", "1"]}


def test_a_scene_without_title_goes_by_its_file(play):
    result = play(RANDOM)
    assert result.one("scene")["title"] == result.one("scene")["script"] == "scene-1.lua"
    assert result.one("scene")["text"] == RANDOM


def test_random_numbers_follow_the_seed(play):
    seven, again, eight = (play(RANDOM, "--seed", seed) for seed in (7, 7, 8))
    assert seven.one("print")["text"] == again.one("print")["text"] != eight.one("print")["text"]
    assert seven.one("scene")["seed"] == 7


def test_a_failed_check_shows_its_values(play):
    result = play('local a = host "a"\nlocal got, wanted, other = 3, "four", {}\nexpect(got == wanted, "as many")\n')
    assert result.status == 1, str(result)
    check = result.one("expect")
    assert (check["ok"], check["line"], check["text"]) == (False, 3, "as many")
    assert check["values"] == {"got": "3", "wanted": '"four"'}


def test_actors_and_how_they_ended(play):
    result = play(
        """
local server, client = host "server", host "client"
server:listen(80, function(conn) conn:receive "line" end)
for _ = 1, 2 do client:connect(server, 80):close() end
spawn("fails", function() error "as it should" end)
local endless <close> = client:spawn("endless", function() sleep "1h" end)
spawn("many", 2, function() end):join()
"""
    )
    assert result.status == 2, str(result)
    ended = {event["actor"]: event.get("ended") for event in result.of("actor") if "ended" in event}
    ended.pop("server", None)  # never ends by itself
    names = ("main", "fails", "endless", "many/1", "many/2", "server/1", "server/2")
    ways = ("normal", "error", "stopped", *["normal"] * 4)
    assert ended == dict(zip(names, ways))
    roles = {event["actor"]: event["role"] for event in result.of("actor")}
    assert roles["main"] == "main" and roles["endless"] == "spawned" and roles["server/2"] == "handler"
    error = result.one("error")
    assert error["actor"] == "fails" and error["line"] == 5 and error["message"].endswith("5: as it should")
    assert result.one("actor", actor="endless", ended="stopped")["host"] == "client"


def test_files_of_require_are_recorded(play):
    (play.folder / "words.lua").write_text('local words = {}\nfunction words.speak()\n  say "from there"\nend\nreturn words\n')
    result = play('local a = host "a"\nrequire("words").speak()\nsay "from here"\n')
    assert result.status == 0, str(result)
    source = result.one("source")
    assert source["name"] == "words.lua" and source["text"].startswith("local words")
    there, here = result.of("say")
    assert (there["source"], there["line"]) == (1, 3)
    assert "source" not in here and here["line"] == 3


def test_calls_have_the_descriptors_of_their_host(play):
    result = play(
        """
local server, client = host "server", host "client"
local listener = server:listen(80)
for _ = 1, 3 do
  local near = client:connect(server, 80)
  local far = listener:accept()
  near:close()
  far:close()
end
"""
    )
    assert result.status == 0, str(result)
    assert [call["result"] for call in result.of("call", call="socket")] == [3] * 4
    assert [call["result"] for call in result.of("call", call="accept")] == [4] * 3
    assert [call["fd"] for call in result.of("call", call="close")] == [3, 4] * 3
    socks = [call["sock"] for call in result.of("call", call="close")]
    assert len(set(socks)) == 6, "numbers of sockets are never given again"


def test_an_operation_is_one_blocked_event_and_its_calls(play):
    result = play(
        """
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
client:spawn("writer", function()
  for _ = 1, 3 do sleep "5ms" near:send(bytes(100)) end
end)
far:receive(300)
near:timeout "5ms"
near:recv()
"""
    )
    assert result.status == 0, str(result)
    operation = result.one("blocked", call="recv", size=300)["id"]
    calls = result.of("call", call="recv", op=operation)
    assert [call["result"] for call in calls] == [100, 100, 100]
    assert calls[0]["blocked_ns"] > 0
    gave_up = result.of("call", call="recv")[-1]
    assert gave_up["result"] == -1 and gave_up["errno"] == "EAGAIN" and gave_up["blocked_ns"] > 0


def test_time_wait_is_seen_while_the_socket_is_open(play):
    result = play(
        """
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
near:shutdown "send"
far:receive "all"
far:close()
near:receive "all"
"""
    )
    assert result.status == 0, str(result)
    last = result.of("state", host="client")[-1]
    assert last["to"] == "TIME_WAIT" and last["timer"] == "time_wait" and last["sock"]


def test_a_cue_of_a_handler_keeps_the_scene(play):
    run = play.terminal(
        """
local server, client = host "server", host "client"
server:listen(80, function(conn)
  conn:receive "line"
  cue "Wait for me."
  say "Went on."
end)
client:connect(server, 80):send "x\\n"
"""
    )
    run.wait_for("Wait for me.")
    with pytest.raises(Failure):
        run.end(0.6)  # a scene ends when it is quiet for 0.25 s
    run.press(" ")
    run.wait_for("Went on.")
    assert run.end().status == 0


def test_the_first_sleep_is_whole(play):
    """Though it is what builds the network."""
    hosts = "".join(f'host "h{i}"\n' for i in range(30))
    result = play(hosts + 'sleep "50ms"\nsay "awake"\n')
    assert result.one("say")["t"] >= 50_000_000, str(result)


def test_where_an_error_comes_from(play):
    """The lines that led there; not where it is just the one that the message names."""
    alone = play('host "a"\nlocal n = nil + 1\n').one("error")
    assert alone["message"].startswith("scene-1.lua:2: ") and "where" not in alone
    nested = play('local function inner() error "wrong" end\nlocal function outer() inner() end\nouter()\n').one("error")
    assert nested["message"] == "scene-2.lua:1: wrong"
    assert [line.split()[0] for line in nested["where"].split("\n")] == [f"scene-2.lua:{n}" for n in (1, 2, 3)]
