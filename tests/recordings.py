"""What holds of every recording, whatever the scene.

    recordings.sound(result.events)
    result = recordings.undisturbed(lambda: play(SCENE), status=0)

Events refer to each other by number: a cause is an event that exists and came earlier, packets name the calls whose
bytes they hold, calls the packets whose bytes they returned. The wires deliver each packet, not too early, in order.
"""

import schema


def undisturbed(once, status):
    """What once() plays. Where the wires have little delay, a machine that stands still for some milliseconds makes the
    kernel repeat segments, which scenes that count them cannot know; so one that ended otherwise than it should and has
    `late` events is played once more."""
    result = once()
    return once() if result.status != status and result.of("late") else result


def sound(events):
    for event in events:
        schema.check(event)
    assert events[0]["type"] == "scene" and events[-1]["type"] == "end"
    assert sum(event["type"] in ("scene", "end") for event in events) == 2
    ids = [event["id"] for event in events]
    assert ids == sorted(set(ids)), "ids do not rise"
    times = [event["t"] for event in events]
    assert times == sorted(times), "time runs backwards"
    references(events)
    wires(events)
    bytes_of_connections(events)


def references(events):
    """Whatever an event names has happened before."""
    earlier = {}
    for event in events:
        cause = event.get("cause")
        assert cause is None or cause in earlier, f"the cause of {event} is not there"
        for key, kinds in {"of": ["packet"], "packet": ["packet"], "op": ["blocked"]}.items():
            if key in event and event[key] != event["id"]:
                assert earlier[event[key]]["type"] in kinds, f"{key} of {event}"
        for id in event.get("carries", ()):
            named = earlier[id]
            wanted = ("call", "send") if event["type"] == "packet" else ("packet", None)
            assert (named["type"], named.get("call")) == wanted, f"{event} carries {named}"
            assert named["conn"] == event["conn"], f"{event} carries {named}"
        if event["type"] == "packet":
            assert ("cause" in event) != ("origin" in event), f"a packet has either a cause or an origin: {event}"
        earlier[event["id"]] = event


def wires(events):
    """Each packet of a scene that ended by itself has one fate on a wire between two; none arrives before its delay,
    none overtakes another."""
    links = {event["link"]: event for event in events if event["type"] == "link"}
    arrived, ways = {}, {}
    for event in events:
        if event["type"] == "packet":
            ways.setdefault((event["link"], event["host"]), []).append(event)
        elif event["type"] == "arrive":
            assert event["packet"] not in arrived, f"a second fate: {event}"
            arrived[event["packet"]] = event
    for (link, host), packets in ways.items():
        arrivals = [arrived[packet["id"]] for packet in packets if packet["id"] in arrived]
        assert [a["id"] for a in arrivals] == sorted(a["id"] for a in arrivals), f"packets of {host} overtook each other"
        for packet in packets:
            arrival = arrived.get(packet["id"])
            assert arrival or events[-1]["reason"] != "finished", f"nothing became of {packet}"
            if arrival and arrival["fate"] == "delivered":
                assert arrival["t"] - packet["t"] >= links[link]["delay_ns"], f"too early: {packet} {arrival}"
                assert arrival["host"] != host and arrival["link"] == link and arrival["cause"] == packet["id"]


def bytes_of_connections(events):
    """Bytes with their story: sent in packets that name the send, returned by calls that name the packet."""
    sent, named, returned, got = {}, {}, {}, {}
    programs = {event["host"] for event in events if event["type"] == "program"}  # nobody sees their calls
    for event in events:
        if event["type"] == "call" and event.get("conn") and event["result"] > 0:
            end = event["conn"], event["host"]
            if event["call"] == "send":
                sent[end] = sent.get(end, 0) + event["result"]
            elif event["call"] == "recv":
                got[end] = got.get(end, 0) + event["result"]
                returned.setdefault(end, set()).update(event["carries"])
        elif event["type"] == "packet" and event["len"] and event.get("conn"):
            named[event["id"]] = event
            assert event.get("carries") or event["host"] in programs, f"whose bytes are these? {event}"
    for (conn, host), count in got.items():
        packets = [named[id] for id in returned[conn, host]]
        assert all(packet["host"] != host for packet in packets)
        assert sum(packet["len"] for packet in packets) >= count
        known = sum(n for (other, sender), n in sent.items() if other == conn and sender != host)
        assert count <= known or any(packet["host"] in programs for packet in packets)
