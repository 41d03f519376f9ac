"""What the events say of calls that wait on many sockets, and of loops that spin."""

import pytest

pytestmark = pytest.mark.wire

START = """
local server, client = host "server", host "client"
local listener = server:listen(80)
local near = client:connect(server, 80)
local far = listener:accept()
"""


def watched(*found):
    return [(one["fd"], one["for"]) for one in found]


@pytest.mark.parametrize("name", ["poll", "select"])
def test_a_call_that_waited_is_one_operation(play, name):
    result = play(
        START
        + f"""
client:spawn("writer", function() sleep "20ms" near:send "hello" end)
server:{name}({{ far, write = {{ listener }} }}, "2s")
"""
    )
    assert result.status == 0, str(result)
    blocked, call = result.one("blocked", call=name), result.one("call", call=name)
    for event in (blocked, call):
        assert event["count"] == 2 and watched(*event["watches"]) == [(4, "read"), (3, "write")]
        assert event["timeout_ns"] == 2_000_000_000 and event["op"] == blocked["id"] and event["host"] == "server"
    assert call["result"] == 1 and call["blocked_ns"] > 15_000_000
    packet = result.one("packet", **{"from": "client", "len": 5})
    assert call["ready"] == [{"fd": 4, "sock": 3, "conn": 1, "for": "read"}]
    assert call["causes"] == [packet["id"]]


def test_epoll_calls(play):
    result = play(
        START
        + """
local loop = server:epoll { edge = true }
loop:add(far, "both")
loop:add(listener)
loop:modify(far)
loop:wait(0)
near:send "one"
near:send "two"
settle()
loop:wait()
far:recv()
near:close()
loop:wait "1s"
client:connect(server, 80)
loop:wait()
loop:remove(far)
loop:close()
"""
    )
    assert result.status == 0, str(result)
    made = result.one("call", call="epoll_create1")
    assert made["result"] == 5 and "fd" not in made
    controls = result.of("call", call="epoll_ctl")
    assert {event["fd"] for event in controls} == {5}
    told = [(event["option"], *watched(*event["watches"])) for event in controls]
    assert told == [
        ("EPOLL_CTL_ADD", (4, "read+write+edge")),
        ("EPOLL_CTL_ADD", (3, "read+edge")),
        ("EPOLL_CTL_MOD", (4, "read+edge")),
        ("EPOLL_CTL_DEL", (4, "")),
    ]
    nothing, data, end, newcomer = result.of("call", call="epoll_wait")
    assert (nothing["result"], nothing["timeout_ns"]) == (0, 0) and "ready" not in nothing
    assert watched(*data["ready"]) == [(4, "read")] and "timeout_ns" not in data
    two = result.of("packet", conn=1, len=3)[-1]
    assert data["causes"] == [two["id"]], "with EPOLLET the last one"
    fin = result.one("packet", conn=1, flags="FA", **{"from": "client"})
    assert end["causes"] == [fin["id"]] and end["op"] == result.one("blocked", call="epoll_wait", timeout_ns=10**9)["id"]
    handshake = next(event for event in result.of("packet", conn=2) if event["flags"] == "A")
    assert watched(*newcomer["ready"]) == [(3, "read")] and newcomer["causes"] == [handshake["id"]]
    assert result.one("call", call="close", fd=5)["result"] == 0


def test_what_makes_room_to_write(play):
    result = play(
        START
        + """
far:nonblocking(true)
local taken, sent, part, _ = 0
repeat
  sent, _, _, part = far:send(bytes "64KiB")
  taken = taken + (sent or part)
until not sent
client:spawn("reader", function() near:receive(taken) end)
server:poll { write = { far } }
"""
    )
    assert result.status == 0, str(result)
    call = result.one("call", call="poll")
    assert watched(*call["ready"]) == [(4, "write")]
    (cause,) = call["causes"]
    packet = next(event for event in result.of("packet") if event["id"] == cause)
    assert packet["from"] == "client" and packet["len"] == 0 and packet["ack"] > 1


def test_only_the_first_of_many_are_named(play):
    result = play(
        """
local server, client = host "server", host "client"
local listener = server:listen(80)
local far = {}
for i = 1, 70 do
  client:connect(server, 80):send "x"
  far[i] = listener:accept()
end
settle()
expect(#server:poll(far) == 70, "all of them")
local loop, seen, count = server:epoll(), {}, 0
for _, conn in ipairs(far) do loop:add(conn) end
expect(#loop:wait() == 64, "epoll_wait is asked for 64 at most")
for _, conn in ipairs(loop:wait()) do seen[conn] = true end
expect(seen[far[65]] and seen[far[70]], "those that were left out come first the next time")
"""
    )
    assert result.status == 0, str(result)
    call = result.one("call", call="poll")
    assert (call["count"], call["result"], len(call["watches"]), len(call["ready"]), len(call["causes"])) == (70, 70, 64, 64, 64)


def test_select_has_no_bit_for_large_descriptors(play):
    result = play(
        """
local server = host "server"
local sockets = {}
for i = 1, 1022 do sockets[i] = server:listen(1000 + i) end
expect(sockets[1021]:fd() == 1023 and #server:select(sockets, 0) == 0, "not reached")
"""
    )
    assert result.status == 2, str(result)
    assert "select: descriptor 1024 of server has no bit in a set of select(2), which ends at 1023 (FD_SETSIZE)" in result.stderr
    result = play(
        """
local server = host "server"
local sockets = {}
for i = 1, 1022 do sockets[i] = server:listen(1000 + i) end
expect(#server:select({ table.unpack(sockets, 1, 1021) }, 0) == 0, "up to 1023")
expect(#server:poll(sockets, 0) == 0, "poll has no such end")
"""
    )
    assert result.status == 0, str(result)


SPINNING = START + """
near:close()
settle()
local loop, rounds = server:epoll(), 0
loop:add(far)
for _ = 1, 5000 do
  rounds = rounds + #loop:wait "1s"
  far:recv()
end
print(rounds)
"""


def test_a_forgotten_end_of_file_is_told_in_short(play):
    result = play(SPINNING)
    assert result.status == 0, str(result)
    assert result.one("print")["text"] == "5000"
    for name in ("epoll_wait", "recv"):
        calls = result.of("call", call=name)
        assert sum(event.get("repeat", 1) for event in calls) == 5000, "each is counted"
        assert len(calls) < 1000, "but not told one by one"
        assert all(event["result"] == calls[0]["result"] and event.get("ready") == calls[0].get("ready") for event in calls)


def test_a_loop_that_looks_only_gives_way(play):
    result = play(
        START
        + """
local loop = server:epoll()
loop:add(far)
near:send "x"
local heard = false
client:spawn("other", function() sleep "20ms" heard = true end)
while not heard do loop:wait() end
while heard do
  client:spawn("other", function() sleep "5ms" heard = false end):join()
  server:poll({ far }, 0)
end
"""
    )
    assert result.status == 0, str(result)


@pytest.mark.parametrize(
    "call, waits",
    [
        ('server:poll { far }', "poll"),
        ('server:select { write = {} }', "select"),
        ('server:epoll():wait()', "epoll_wait"),
    ],
)
def test_who_waits_for_ever_is_named(play, call, waits):
    result = play(START + call + "\n")
    assert result.status == 2, str(result)
    assert f"everybody waits and nothing can happen any more: main waits in {waits} at scene-1.lua:6" in result.stderr


def test_what_the_views_say(play):
    scene = START + """
local loop = server:epoll()
loop:add(far, "both")
loop:wait()
server:poll({ far, listener, write = { far } }, 0)
loop:modify(far)
loop:wait "10ms"
loop:remove(far)
"""
    log = play(scene, "--view", "log", "--width", "200").stdout
    for text in (
        "epoll_create1() = 5",
        "epoll_ctl(ADD 4 read+write)",
        "epoll_wait(5) = 1: 4 write",
        "poll(4 read+write, 3) = 1: 4 write",
        "epoll_ctl(MOD 4 read)",
        "epoll_wait(5) blocks  at most 10 ms",
        "epoll_wait(5) = 0 after 1",
        "epoll_ctl(DEL 4)",
    ):
        assert text in log.replace("\N{NO-BREAK SPACE}", " "), log
    ladder = play(scene, "--lang", "ko", "--width", "160").stdout
    assert "epoll_wait(5) 막힘" in ladder and "최대 10 ms" in ladder, ladder
