// pcapng: the packets of a scene as a capture file for Wireshark, with its story as comments.
//
// One interface in the file for each interface of a host; the host that sent a packet is seen by
// the interface, on which all packets are outbound. Comments on a packet, in this order: what was
// said before it, the call that caused it and the calls whose bytes it carries, its note, its fate;
// what is said at the end is on the last packet. Numbers of frames in them are those of the file;
// epb_packetid is the id of the event. One link type and one snap length throughout, since libpcap
// reads nothing else.
//
// Format: IETF draft-ietf-opsawg-pcapng. A packet is written when its fate is known, and the next
// one has come.
#pragma once

#include "base/buf.h"
#include "event/event.h"

struct pcapng; // owns copies of all it keeps

// `snap`: bytes kept of each frame, 0: all.
struct pcapng *pcapng_new(uint32_t snap);
void pcapng_free(struct pcapng *p);

// Takes the next event, which must be sound (event_check), and appends what can be written now.
void pcapng_event(struct pcapng *p, const struct event *e, struct buf *out);

// No more events come: appends the rest.
void pcapng_end(struct pcapng *p, struct buf *out);
