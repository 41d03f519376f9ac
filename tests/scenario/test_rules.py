"""What recordings and capture files tell of rules, cuts and what links do by chance."""

import pytest

import shark

pytestmark = pytest.mark.wire

RULES = """
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "1ms" })
wire:from(server):cut()
local lost = wire:drop { flags = "S", nth = 1 }
local listener = server:listen(80)
wire:from(server):mend()
local near = client:connect(server, 80)
local far = listener:accept()
lost:remove()
local slow = wire:delay { by = "30ms", from = server, data = "late", len = function(n) return n == 4 end }
far:send "late"
near:receive(4)
wire:set { delay = "2ms", loss = "50%", rate = "10mbit" }
wire:from(client):set { loss = 0 }
wire:set { loss = 0 }
wire:cut()
"""


def test_events(play):
    result = play(RULES)
    assert result.status == 0, result
    first = result.of("rule")[:2]
    link = result.of("link")[0]
    assert all(rule["id"] > link["id"] and rule["link"] == "client-server" for rule in first), "told when the network stands"
    drop, cut = sorted(first, key=lambda rule: rule["action"], reverse=True)
    assert (drop["action"], drop["text"], drop["line"], drop["actor"]) == ("drop", "flags S, nth 1", 5, "main")
    assert (cut["action"], cut["from"]) == ("cut", "server") and "ended" not in cut
    mended = result.one("rule", action="cut", ended=True)
    assert mended["rule"] == cut["id"] and mended["line"] == 7 and mended["from"] == "server"
    removed = result.one("rule", action="drop", ended=True)
    assert (removed["rule"], removed["hits"], removed["text"]) == (drop["id"], 1, "flags S, nth 1")
    lost = result.one("arrive", fate="dropped", rule=drop["id"])
    assert lost["why"] == "flags S, nth 1" and "host" not in lost
    delay = result.one("rule", action="delay")
    assert delay["by_ns"] == 30_000_000 and delay["text"] == 'from server, len (function), data "late"'
    late = result.one("arrive", rule=delay["id"])
    packet = result.one("packet", id=late["packet"])
    assert late["fate"] == "delivered" and late["t"] - packet["t"] >= 31_000_000
    all_cut = result.of("rule", action="cut")[-1]
    assert "from" not in all_cut and all_cut["line"] == 17


def test_links_are_described_again(play):
    links = play(RULES).of("link")
    assert "again" not in links[0] and all(link["again"] for link in links[1:])
    told = [(link.get("from"), link["delay_ns"] // 1_000_000, link.get("options")) for link in links]
    assert told == [
        (None, 1, None),
        (None, 2, {"loss": "50%", "rate": "10mbit"}),
        ("client", 2, {"rate": "10mbit"}),
        (None, 2, {"rate": "10mbit"}),
    ]


def test_a_capture_file_tells_of_them(play):
    capture = play.folder / "rules.pcapng"
    result = play(RULES, "-o", capture)
    assert result.status == 0, result
    frames = shark.read(capture)
    comments = "\n".join(comment for frame in frames for comment in frame["comments"])
    for text in ("client-server: drop flags S, nth 1", "client-server from server: cut has ended", "dropped: flags S, nth 1"):
        assert text in comments, text


CHANCE = """
local server, client = host "server", host "client"
local wire = link(client, server, { delay = "1ms", loss = "20%%"%s })
local near, far = client:udp(), server:udp(53)
%s
for i = 1, 200 do near:sendto(server, 53, ("%%03d"):format(i)) end
settle()
local lost = {}
for _, packet in ipairs(packets { from = client, fate = "dropped" }) do lost[#lost + 1] = packet.data end
print(table.concat(lost, " "))
"""


def lost(play, options="", rule="", seed=7):
    result = play(CHANCE % (options, rule), "--seed", seed)
    assert result.status == 0, result
    return set(result.one("print")["text"].split())


def test_the_seed_decides_whatever_else_there_is(play):
    first = lost(play)
    assert 10 < len(first) < 80
    assert lost(play) == first
    assert lost(play, seed=8) != first
    assert lost(play, ', duplicate = "30%", corrupt = "10%", reorder = "10%", jitter = "1ms"') == first
    rule = 'wire:drop { data = "150" } wire:delay { by = "5ms", from_port = 53 } wire:on_packet(function() end)'
    assert lost(play, rule=rule) == first | {"150"}
