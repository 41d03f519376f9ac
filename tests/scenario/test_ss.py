"""What host:sockets() says, and what ss says at the same pause, asked inside the hosts: row by row."""

import re
import shutil
import subprocess

import pytest
import takes
from capture import hosts_of, inside
from waiting import LIMIT

pytestmark = pytest.mark.wire

# Every state but CLOSING, with and without a descriptor, and bytes in queues of every kind.
SCENE = """
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "5ms" })
local function show()
  for _, host in ipairs { server, client } do
    for _, row in ipairs(host:sockets()) do
      print(host.name, row.state, row.recv_q, row.send_q, row.address .. ":" .. row.port,
        row.peer .. ":" .. (row.peer_port == 0 and "*" or row.peer_port), row.timer, row.expires, row.retransmits)
    end
  end
end

local full = server:listen(81, { backlog = 1 })
for _ = 1, 2 do client:connect(server, 81) end
settle()
local waits <close> = client:spawn("waits", function() client:connect(server, 81) end) -- SYN_SENT

server:listen(82, { backlog = 1 })
client:connect(server, 82)
settle()
client:spawn("late", 2, function() client:connect(server, 82) end):join() -- one stays SYN_RECV

local listener = server:listen(80, { backlog = 7 })
local function pair()
  local near = client:connect(server, 80)
  return near, listener:accept()
end
pair():send "seven b" -- unread
local near, far = pair() -- TIME_WAIT
near:close() far:receive "all" far:close()
near, far = pair() -- FIN_WAIT2 without a descriptor, CLOSE_WAIT with bytes
near:send "three" near:close()
near, far = pair() -- FIN_WAIT2 with a descriptor
near:shutdown "send" far:receive "all"
near, far = pair()
near:set("SO_KEEPALIVE", 1) near:set("TCP_KEEPIDLE", 30) -- ss tells minutes without their seconds
local last, gone = pair()
last:close() gone:receive "all"
local writes, closes = pair(), pair()
client:connect(server, 80) -- not accepted
settle()
wire:cut()
gone:close() -- LAST_ACK
writes:send(bytes(3000)) -- unacknowledged, with a timer
closes:close() -- FIN_WAIT1
sleep "0.6s" -- beyond the tail loss probe, which counts as no retransmission
show()
cue "Look."
"""

STATES = {"ESTAB": "ESTABLISHED", "FIN-WAIT-1": "FIN_WAIT1", "FIN-WAIT-2": "FIN_WAIT2"}  # where - for _ is not all
TIMERS = {"on": "retransmit", "keepalive": "keepalive", "timewait": "time_wait", "persist": "probe"}
UNITS = {"min": 60, "sec": 1, "ms": 0.001}


def seconds(text):
    """ "1min20sec", "4.5sec", "200ms"."""
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([0-9.]+)(min|sec|ms)", text))


def by_ss(namespace):
    shown = subprocess.run(inside(namespace, "ss", "-tanoH"), capture_output=True, text=True, check=True).stdout
    rows = []
    for line in shown.splitlines():
        state, recv_q, send_q, local, peer, *rest = line.split()
        timer = re.fullmatch(r"timer:\((\w+),([^,]*),(\d+)\)", rest[0]) if rest else None
        name, left, retransmits = timer.groups() if timer else ("off", "", "0")
        state = STATES.get(state, state.replace("-", "_"))
        fixed = (state, recv_q, send_q, local.replace("0.0.0.0", "*"), peer.replace("0.0.0.0", "*"), TIMERS.get(name, name))
        rows.append((fixed, seconds(left), int(retransmits)))
    return sorted(rows)


def by_scene(texts, host):
    rows = []
    for text in texts:
        name, state, recv_q, send_q, local, peer, timer, expires, retransmits = text.split("\t")
        if name == host:
            fixed = (state, recv_q, send_q, local.replace("0.0.0.0", "*"), peer.replace("0.0.0.0", "*"), timer)
            rows.append((fixed, float(expires), int(retransmits)))
    return sorted(rows)


@pytest.mark.skipif(takes.why_no_capture() is not None, reason=str(takes.why_no_capture()))
@pytest.mark.skipif(not shutil.which("ss"), reason="ss (iproute2) is not installed")
def test_rows_are_those_of_ss(play):
    run = play.terminal(SCENE, columns=200)
    run.until(lambda: "Look." in takes.cues(run.recording)[0], LIMIT, "no cue")
    seen = {name: by_ss(path) for name, path in hosts_of(run.process.pid, takes.cues(run.recording)[1]).items()}
    run.press(" ")
    result = run.end()
    assert result.status == 0, str(result)
    texts = [e["text"] for e in result.of("print")]
    states = set()
    for host, rows in seen.items():
        told = by_scene(texts, host)
        assert [row[0] for row in told] == [row[0] for row in rows], host
        for (fixed, expires, retransmits), (_, left, later) in zip(told, rows):
            assert retransmits <= later <= retransmits + 2, f"{fixed}: {retransmits} times, then {later}"
            assert later > retransmits or expires - 3 < left <= expires + 0.001, f"{fixed}: {expires} s, then {left}"
            states.add(fixed[0])
    assert states == {
        "LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "TIME_WAIT", "FIN_WAIT1", "FIN_WAIT2", "CLOSE_WAIT", "LAST_ACK"
    }
