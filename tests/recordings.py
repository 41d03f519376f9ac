"""What holds of every recording, whatever the scene.

    recordings.sound(result.events)
    result = recordings.undisturbed(lambda: play(SCENE), status=0)

Events refer to each other by number: a cause is an event that exists and came earlier, packets name the calls whose
bytes they hold, calls the packets whose bytes they returned. The wires deliver each packet, not too early, in order.
"""

import base64

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
        for key, kinds in {"of": ["packet"], "packet": ["packet"], "op": ["blocked"], "rule": ["rule"]}.items():
            if key in event and event[key] != event["id"]:
                assert earlier[event[key]]["type"] in kinds, f"{key} of {event}"
        for id in event.get("carries", ()):
            named = earlier[id]
            wanted = ("send", "sendto") if event["type"] == "packet" else (None,)
            assert named["type"] == ("call" if event["type"] == "packet" else "packet"), f"{event} carries {named}"
            assert named.get("call") in wanted, f"{event} carries {named}"
            assert named.get("conn") == event.get("conn"), f"{event} carries {named}"
        if event["type"] == "packet":
            foreign = event.get("origin") in ("wire", "scene")  # which may have a cause, too
            assert foreign or ("cause" in event) != ("origin" in event), f"either a cause or an origin: {event}"
        earlier[event["id"]] = event


def loopbacks(events):
    """The wires that are no wires, but what a host says to itself."""
    return {event["link"] for event in events if event["type"] == "link" and event.get("loopback")}


def least_delay(link):
    """Of a `link` event: what jitter may take away is counted as taken."""
    options = link.get("options", {})
    jitter_ns = float(options.get("jitter", "0ms").removesuffix("ms")) * 1e6
    return 0 if options.get("distribution") == "normal" else max(0, link["delay_ns"] - jitter_ns)


def wires(events):
    """Each packet of a scene that ended by itself has one fate on a wire between two, which may be to be held first, or
    to arrive once more; none arrives before its delay, and none overtakes another but where a rule had a hand in it or
    the link reorders."""
    delays, reorders, arrived, held, ways, groups = {}, set(), {}, set(), {}, set()
    loops = loopbacks(events)
    for event in events:
        if event["type"] == "link":
            ends = [event["from"]] if "from" in event else [end["host"] for end in event["ends"]]
            delays |= {(event["link"], host): least_delay(event) for host in ends}
            reorders |= {(event["link"], host) for host in ends if "reorder" in event.get("options", {})}
        elif event["type"] == "packet":
            way = event["link"], event["host"]
            ways.setdefault(way, []).append((event, delays[way]))
            if base64.b64decode(event["frame"])[0] & 1:
                groups.add(event["id"])
        elif event["type"] == "arrive" and event["fate"] == "held":
            held.add(event["packet"])
        elif event["type"] == "arrive" and event["fate"] == "duplicated":
            assert arrived[event["packet"]]["fate"] in ("delivered", "corrupted"), event
        elif event["type"] == "arrive":
            before = arrived.setdefault(event["packet"], event)
            assert before is event or event["packet"] in groups and before["host"] != event["host"], f"a second fate: {event}"
    for (link, host), packets in ways.items():
        arrivals = [arrived[packet["id"]] for packet, _ in packets if packet["id"] in arrived]
        ids = [a["id"] for a in arrivals if a["fate"] == "delivered" and "rule" not in a]
        assert ids == sorted(ids) or (link, host) in reorders, f"packets of {host} overtook each other"
        for packet, delay in packets:
            arrival = arrived.get(packet["id"])
            settled = arrival or packet["id"] in held
            assert settled or events[-1]["reason"] != "finished", f"nothing became of {packet}"
            if arrival and arrival["fate"] == "delivered":
                assert arrival["t"] - packet["t"] >= delay, f"too early: {packet} {arrival}"
                assert (arrival["host"] == host) == (link in loops), arrival
                assert arrival["link"] == link and arrival["cause"] == packet["id"]


def bytes_of_connections(events):
    """Bytes with their story: sent in packets that name the send, returned by calls that name the packet. Connections
    over lo have no packets to name; of those into which the script has put bytes of its own nothing is known."""
    sent, named, returned, got = {}, {}, {}, {}
    programs = {event["host"] for event in events if event["type"] == "program"}  # nobody sees their calls
    loops = loopbacks(events)
    of_packets = [event for event in events if event["type"] == "packet"]
    forged = {event.get("conn") for event in of_packets if event.get("origin") == "scene"}
    seen = {event.get("conn") for event in of_packets} - forged - {None}
    for event in events:
        if event["type"] == "call" and event.get("conn") in seen and event["result"] > 0:
            end = event["conn"], event["host"]
            if event["call"] == "send":
                sent[end] = sent.get(end, 0) + event["result"]
            elif event["call"] == "recv":
                got[end] = got.get(end, 0) + event["result"]
                returned.setdefault(end, set()).update(event["carries"])
        elif event["type"] == "packet" and event["len"] and event.get("conn") in seen:
            named[event["id"]] = event
            assert event.get("carries") or event["host"] in programs, f"whose bytes are these? {event}"
    for (conn, host), count in got.items():
        packets = [named[id] for id in returned[conn, host]]
        assert sum(packet["len"] for packet in packets) >= count
        if all(packet["link"] in loops for packet in packets):
            assert count <= sent[conn, host], "both ends are one host"
            continue
        assert all(packet["host"] != host for packet in packets)
        known = sum(n for (other, sender), n in sent.items() if other == conn and sender != host)
        assert count <= known or any(packet["host"] in programs for packet in packets)
