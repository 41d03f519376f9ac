"""Many connections at once: that they work, what an idle one costs, and what is said when there are not enough descriptors."""

import re
import resource
import signal
from pathlib import Path

import pytest

from play import ROOT
from processes import descendants
from waiting import LIMIT, poll

pytestmark = pytest.mark.wire

MANY = ROOT / "tests/bench/scenes/many.lua"
ENOUGH = resource.getrlimit(resource.RLIMIT_NOFILE)[1] > 10_100
enough = pytest.mark.skipif(not ENOUGH, reason="a process may have too few descriptors here (ulimit -Hn)")


@enough
@pytest.mark.release_only
def test_five_thousand_connections(play):
    result = play(MANY, "--view", "none", "--set", "connections=5000")
    assert result.status == 0, str(result)
    end = result.one("end")
    assert end["checks"] == 2 and end["errors"] == 0
    opened = [event for event in result.of("call", call="accept") if event["result"] > 0]
    assert len(opened) == 5000 and {event["actor"] for event in opened} == {"server"}
    assert not [event for event in result.of("call") if event.get("errno") not in (None, "EAGAIN")]


@pytest.mark.release_only
@pytest.mark.parametrize("model", ["threads", "poll"])
def test_a_thousand_actors(play, model):
    result = play(
        f"""
local server, client = host("server", {{ sysctl = {{ somaxconn = 8192 }} }}), host "client"
server:listen(80, {{ model = "{model}", backlog = 8192 }}, function(conn)
  for line in conn:lines() do conn:send(line:upper() .. "\\n") end
end)
local served = client:spawn("client", 1000, function(i)
  local conn <close> = client:connect(server, 80)
  conn:send("client " .. i .. "\\n")
  return conn:receive "line" == "CLIENT " .. i
end):join()
local count = 0
for _, ok in ipairs(served) do count = count + (ok and 1 or 0) end
expect(count == 1000, "all are served")
""",
        "--view",
        "none",
    )
    assert result.status == 0, str(result)


def anonymous(pid):
    """Bytes of its own memory, without what it shares with the front."""
    return int(re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) * 1024


HOLDING = """
local count = param("count", 0)
local server, client = host("server", { sysctl = { somaxconn = 8192 } }), host "client"
server:listen(80, { model = "epoll", backlog = 8192 }, function(conn) conn:receive "line" end)
client:connect(server, 80):close()
local opened = client:spawn("opens", 50, function()
  local conns = {}
  for i = 1, count // 50 do conns[i] = client:connect(server, 80) end
  return conns
end):join()
settle()
local open = 0
for _, conns in ipairs(opened) do open = open + #conns end
expect(open == count, "all of them")
print "held"
sleep "1h"
"""


def memory_of_stage(play, count):
    run = play.start(HOLDING, "--view", "none", "--set", f"count={count}")
    poll(lambda: run.recording.exists() and b'"text":"held"' in run.recording.read_bytes()[-1000:], LIMIT, "nothing is held")
    (stage,) = descendants(run.process.pid)
    memory = anonymous(stage)
    run.signal(signal.SIGINT)
    assert not run.end().one("end")["failed"]
    return memory


@pytest.mark.release_only
def test_what_an_idle_connection_costs(play):
    assert (memory_of_stage(play, 2000) - memory_of_stage(play, 0)) / 2000 <= 4096


def test_too_few_descriptors_are_told(play):
    scene = """
local server, client = host "server", host "client"
server:listen(80, { model = "MODEL" }, function(conn) conn:receive "line" end)
local conns = {}
for i = 1, 500 do conns[i] = client:connect(server, 80) end
"""
    for model in ("threads", "epoll"):
        path = play.folder / f"{model}.lua"
        path.write_text(scene.replace("MODEL", model))
        argv, options = play.prepare(["run", path, "--view", "none"], None, None)
        result = play.run(["prlimit", "--nofile=200:300", "--", *argv], **options).end()
        result.sentence(
            3,
            "no descriptor is left: this machine gives a process 300 of them (RLIMIT_NOFILE), and both ends of every connection are "
            "in one; open fewer connections, or raise the limit (wirescene doctor says how)",
        )
