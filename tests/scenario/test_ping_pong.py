"""What the recording of the first scene says: every packet, call and state of it, and why."""

from pathlib import Path

import pytest

import recordings

pytestmark = pytest.mark.wire

DELAY = 20_000_000
SCENE = Path("scripts/packets/ping-pong.lua")


played = {}  # build -> what its run said; once is enough for all that is asked


@pytest.fixture
def result(play):
    if play.build not in played:
        played[play.build] = play(SCENE)
    result = played[play.build]
    assert result.status == 0, str(result)
    return result


def cause_of(result, event):
    return next(other for other in result.events if other["id"] == event["cause"])


def states(result, host):
    return [(e["from"], e["to"], cause_of(result, e)) for e in result.of("state", host=host) if e.get("conn")]




def test_it_is_sound(result):
    recordings.sound(result.events)
    assert result.of("end")[0]["ok"] and not result.of("error")


def test_one_call_makes_four_packets(result):
    send = result.one("call", call="send", size=5000)
    assert send["result"] == 5000
    packets = result.of("packet", cause=send["id"])
    assert [packet["len"] for packet in packets] == [1448, 1448, 1448, 656]
    assert [packet["carries"] for packet in packets] == [[send["id"]]] * 4
    assert result.of("packet", len=1448) + result.of("packet", len=656) == packets


def test_a_short_message_fits_in_one(result):
    for data in ("ping\\n", "pong\\n", "long\\n"):
        send = result.one("call", call="send", data=data)
        (packet,) = result.of("packet", cause=send["id"])
        assert packet["len"] == 5 and packet["carries"] == [send["id"]]
        receive = result.one("call", call="recv", data=data)
        assert receive["carries"] == [packet["id"]] and receive["result"] == 5


def test_recv_names_the_packets_whose_bytes_it_returned(result):
    packets = [p["id"] for p in result.of("packet", host="server") if p["len"] and p["len"] != 5]
    received = [c for c in result.of("call", call="recv", host="client") if c["size"] <= 5000 and c["data"] != "pong\\n"]
    assert sum(call["result"] for call in received) == 5000
    assert sorted({id for call in received for id in call["carries"]}) == packets
    end_of_stream = result.one("call", call="recv", result=0)
    assert end_of_stream["host"] == "server" and "carries" not in end_of_stream


def test_handshake(result):
    syn, syn_ack = result.one("packet", flags="S"), result.one("packet", flags="SA")
    assert syn["mss"] == syn_ack["mss"] == 1460
    blocked = result.one("blocked", call="connect")
    assert syn["cause"] == blocked["id"] == result.one("call", call="connect")["op"]
    assert cause_of(result, syn_ack)["packet"] == syn["id"]
    assert result.one("call", call="connect")["blocked_ns"] >= 2 * DELAY
    (client_way, client_up) = states(result, "client")[:2]
    assert client_way == ("CLOSE", "SYN_SENT", blocked)
    assert client_up[:2] == ("SYN_SENT", "ESTABLISHED") and client_up[2]["packet"] == syn_ack["id"]
    (server_way, server_up) = states(result, "server")[:2]
    assert server_way[:2] == ("CLOSE", "SYN_RECV") and server_way[2]["packet"] == syn["id"]
    assert server_up[:2] == ("SYN_RECV", "ESTABLISHED")
    ack = next(p for p in result.of("packet", host="client") if p["flags"] == "A")
    assert server_up[2]["packet"] == ack["id"] and cause_of(result, ack)["packet"] == syn_ack["id"]


def test_close(result):
    client_fin, server_fin = result.of("packet", flags="FA")
    assert (client_fin["host"], server_fin["host"]) == ("client", "server")
    closes = {call["host"]: call for call in result.of("call", call="close")}
    assert client_fin["cause"] == closes["client"]["id"] and server_fin["cause"] == closes["server"]["id"]
    wait, gone = states(result, "client")[2:]
    assert wait == ("ESTABLISHED", "FIN_WAIT1", closes["client"])
    assert gone[:2] == ("FIN_WAIT1", "TIME_WAIT") and gone[2]["packet"] == server_fin["id"]
    noticed, last, closed = states(result, "server")[2:]
    assert noticed[:2] == ("ESTABLISHED", "CLOSE_WAIT") and noticed[2]["packet"] == client_fin["id"]
    assert last == ("CLOSE_WAIT", "LAST_ACK", closes["server"])
    final = result.of("packet")[-1]
    assert cause_of(result, final)["packet"] == server_fin["id"] and final["flags"] == "A"
    assert closed[:2] == ("LAST_ACK", "CLOSE") and closed[2]["packet"] == final["id"]
    left = result.one("state", to="TIME_WAIT")["expires_ns"]  # some milliseconds may have passed when it was asked
    assert 59_000_000_000 < left <= 60_000_000_000


def test_sockets_are_opened_as_the_handler_says(result):
    calls = [(c["call"], c["result"]) for c in result.of("call", host="server")[:3]]
    assert calls == [("socket", 3), ("bind", 0), ("listen", 0)]
    assert result.one("call", call="listen")["backlog"] == 128
    listening = result.one("state", to="LISTEN")
    assert listening["cause"] == result.one("call", call="listen")["id"] and listening["send_q"] == 128
    accepted = result.one("call", call="accept")
    assert accepted["result"] == 4 and accepted["address"] == result.one("packet", flags="S")["from_address"]


def test_packets_arrive_after_the_delay_and_in_order(result):
    assert result.one("link")["delay_ns"] == DELAY
    arrivals = {arrive["packet"]: arrive for arrive in result.of("arrive")}
    packets = result.of("packet")
    assert len(packets) == len(arrivals) == result.of("end")[0]["packets"]
    for packet in packets:
        arrival = arrivals[packet["id"]]
        assert arrival["t"] - packet["t"] >= DELAY and arrival["host"] == packet["to"]
        assert arrival["fate"] == "delivered" and arrival["cause"] == packet["id"]


def test_view_json_is_the_recording(play):
    result = play(SCENE, "--view", "json")
    assert result.raw == result.recording.read_bytes()
