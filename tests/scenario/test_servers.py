"""Server models: which calls each makes, and who makes them."""

import pytest

pytestmark = pytest.mark.wire

SCENE = """
local model = param("model", "threads")
local server, client = host "server", host "client"
server:listen(80, { model = model, workers = model == "pool" and 2 or nil }, function(conn)
  conn:receive "line"
  sleep "50ms"
  conn:send(bytes(200000))
end)
client:spawn("client", 3, function()
  local conn <close> = client:connect(server, 80)
  conn:send "line\\n"
  expect(#conn:receive "all" == 200000, "served")
end):join()
"""
LOOPS = ["select", "poll", "epoll"]


def served(play, model, *arguments):
    result = play(SCENE, "--set", f"model={model}", *arguments)
    assert result.status == 0 and result.one("end")["checks"] == 3, str(result)
    return result


def calls(result, name, **wanted):
    return result.of("call", call=name, host="server", **wanted)


@pytest.mark.parametrize(
    "model, workers",
    [
        ("blocking", ["server"]),
        ("threads", ["server", "server/1", "server/2", "server/3"]),
        ("pool", ["server/1", "server/2"]),
        *((model, ["server"]) for model in LOOPS),
    ],
)
def test_workers_are_actors(play, model, workers):
    result = served(play, model)
    actors = [event for event in result.of("actor", role="handler") if "ended" not in event]
    assert [event["actor"] for event in actors] == workers
    assert all(event["host"] == "server" for event in actors)
    readers = {event["actor"] for event in calls(result, "recv")}
    accepting = {event["actor"] for event in calls(result, "accept")}
    if model == "threads":
        assert accepting == {"server"} and readers == {"server/1", "server/2", "server/3"}
    else:
        assert accepting == readers == set(workers)
    if model not in LOOPS:
        assert not calls(result, "fcntl") and result.of("blocked", call="accept", host="server")


@pytest.mark.parametrize("model", LOOPS)
def test_calls_of_an_event_loop(play, model):
    result = served(play, model)
    wait = "epoll_wait" if model == "epoll" else model
    assert [event["option"] for event in calls(result, "fcntl")] == ["O_NONBLOCK on"] * 4, "listener and connections"
    assert {event["call"] for event in result.of("blocked", host="server")} == {wait}, "nothing else waits"
    assert not [event for event in calls(result, "recv") if "errno" in event], "it reads what is ready"
    assert not [event for event in calls(result, "accept") if "errno" in event]
    full = [event for event in calls(result, "send") if event.get("errno") == "EAGAIN"]
    assert full, "it tries to send, and waits when that fails"
    events = [event for event in result.events if event["type"] in ("call", "blocked") and event.get("host") == "server"]
    watching = "epoll_ctl" if model == "epoll" else wait
    for failed in {event["fd"]: event for event in reversed(full)}.values():
        told = next(e for e in events if e["id"] > failed["id"] and e["call"] == watching)
        assert {key: failed[key] for key in ("fd", "sock", "conn")} | {"for": "write"} in told["watches"], told
    limits = [event for event in calls(result, wait) if "timeout_ns" in event]
    assert limits and all(event["timeout_ns"] % 1_000_000 == 0 for event in limits), "sleeping is the limit of its wait"
    if model == "epoll":
        controls = calls(result, "epoll_ctl")
        assert not [event for event in controls if "errno" in event]
        options = [event["option"] for event in controls]
        assert options.count("EPOLL_CTL_ADD") == 4 and options.count("EPOLL_CTL_DEL") == 3
        for fd in {event["fd"] for event in calls(result, "close")}:
            last = [e for e in events if e.get("fd") == fd or fd in [w["fd"] for w in e.get("watches", ())]][-2:]
            assert [e["call"] for e in last] == ["epoll_ctl", "close"], "taken out, then closed"


def test_an_event_loop_forgets_who_is_not_waited_for(play):
    result = play(
        """
local server, client = host "server", host "client"
server:listen(80, { model = "epoll" }, function(conn)
  conn:receive "line"
  sleep "50ms"
  expect(conn:receive "line" == "second", "still there")
end)
local conn = client:connect(server, 80)
conn:send "first\\n"
sleep "10ms"
conn:send "second\\n"
conn:receive "all"
"""
    )
    assert result.status == 0, str(result)
    controls = [(event["option"], event["watches"][0]["fd"]) for event in calls(result, "epoll_ctl")]
    assert controls == [(f"EPOLL_CTL_{name}", fd) for name, fd in [("ADD", 3), ("ADD", 5), ("DEL", 5), ("ADD", 5), ("DEL", 5)]]
    assert len(calls(result, "epoll_wait")) < 10, "it does not spin"


def test_select_ends_at_its_limit(play):
    result = play(
        """
local server, client = host "server", host "client"
for i = 1, 1019 do server:listen(1000 + i) end
server:listen(80, { model = "select" }, function(conn) conn:receive "line" end)
local conns = {}
for i = 1, 3 do conns[i] = client:connect(server, 80) end
expect(conns[1]:receive "all" == "" and conns[2]:receive "all" == "", "the server is gone, and whom it served")
"""
    )
    assert result.status == 2, str(result)
    (error,) = result.of("error")
    assert error["actor"] == "server" and "select: descriptor 1024 of server has no bit" in error["message"]
    assert result.one("actor", actor="server", ended="error")
    assert result.one("expect")["ok"]


def test_an_error_in_a_handler_ends_its_connection(play):
    for model in ("threads", *LOOPS):
        result = play(
            f"""
local server, client = host "server", host "client"
server:listen(80, {{ model = "{model}" }}, function(conn)
  local line = conn:receive "line"
  conn:send(line:upper() .. nothing.here)
end)
"""
            .replace("nothing.here", "(line == 'bad' and {} or '')")
            + """
local bad, good = client:connect(server, 80), client:connect(server, 80)
bad:send "bad\\n"
expect(bad:receive "all" == "", "closed")
good:send "good\\n"
expect(good:receive "all" == "GOOD", "the others are served")
"""
        )
        assert result.status == 2 and result.one("end")["failed"] == 0, str(result)
        error = result.one("error")
        assert error["line"] == 5 and error["actor"] == ("server/1" if model == "threads" else "server")
        assert "attempt to concatenate a table value" in error["message"]


@pytest.mark.parametrize("model", LOOPS)
def test_a_handler_that_waits_otherwise_holds_up_the_loop(play, model):
    result = play(
        f"""
local server, client, other = host "server", host "client", host "other"
other:listen(90, function(conn) sleep "100ms" conn:send "late\\n" end)
server:listen(80, {{ model = "{model}" }}, function(conn)
  if conn:receive "line" == "ask" then
    local far <close> = server:connect(other, 90)
    far:receive "line"
  end
  conn:send "done\\n"
end)
local asks, quick = client:connect(server, 80), client:connect(server, 80)
asks:send "ask\\n"
sleep "20ms"
quick:send "quick\\n"
local began = now()
expect(quick:receive "line" == "done" and now() - began > 0.05, "a blocking socket blocks the loop")
"""
    )
    assert result.status == 0, str(result)
    assert result.one("blocked", call="recv", host="server")["actor"] == "server"


def test_nonblocking_of_a_handler(play):
    result = play(
        """
local server, client = host "server", host "client"
local codes = {}
server:listen(80, { model = "epoll" }, function(conn)
  conn:nonblocking()
  codes[1] = select(2, conn:recv())
  conn:nonblocking(false)
  conn:receive "line"
end)
local conn = client:connect(server, 80)
settle()
conn:send "now\\n"
conn:receive "all"
expect(codes[1] == "EAGAIN", "who asks for it gets it")
"""
    )
    assert result.status == 0, str(result)
    assert result.one("blocked", call="recv", host="server")["actor"] == "server", "a blocking socket blocks, here too"


@pytest.mark.parametrize("model", ["blocking", "threads", "pool", *LOOPS])
def test_idle_workers_keep_no_scene_alive(play, model):
    result = play(
        """
local model = param("model", "")
local server, client = host "server", host "client"
server:listen(80, { model = model }, function(conn) conn:receive "line" end)
local conn = client:connect(server, 80)
""",
        "--set",
        f"model={model}",
    )
    assert result.status == 0 and result.one("end")["reason"] == "finished", str(result)
    assert result.one("end")["t"] < 5_000_000_000


@pytest.mark.parametrize("model", LOOPS)
def test_who_waits_for_a_loop_is_named(play, model):
    result = play(
        f"""
local server, client = host "server", host "client"
server:listen(80, {{ model = "{model}" }}, function(conn)
  conn:receive "line"
  client:spawn("never", function() client:epoll():wait() end):join()
end)
local conn = client:connect(server, 80)
conn:send "x\\n"
conn:receive "line"
"""
    )
    assert result.status == 2, str(result)
    message = result.one("error")["message"]
    assert "main waits in recv" in message and "server waits in join at scene-1.lua:5" in message


def test_busy_is_told(play):
    scene = """
local server, client = host "server", host "client"
server:listen(80, { model = "epoll" }, function(conn)
  conn:receive "line"
  busy "30ms"
end)
local conn = client:connect(server, 80)
conn:send "x\\n"
conn:receive "all"
busy(0.01)
"""
    result = play(scene, "--view", "log")
    assert result.status == 0, str(result)
    first, second = result.of("busy")
    assert (first["for_ns"], first["host"], first["actor"], first["line"]) == (30_000_000, "server", "server", 5)
    assert (second["for_ns"], second["actor"]) == (10_000_000, "main") and "host" not in second
    later = next(e for e in result.events if e["id"] > first["id"] and e["type"] == "call" and e.get("host") == "server")
    assert later["t"] - first["t"] >= 30_000_000
    assert "busy  computes 30" in result.stdout
    ladder = play(scene, "--width", "80").stdout
    assert "computes 30 ms" in ladder and "main: computes 10 ms" in ladder, ladder
    assert "30 ms 동안 계산" in play(scene, "--lang", "ko").stdout
