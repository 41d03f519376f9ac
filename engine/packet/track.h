// track: follows the TCP connections that pass one wire, and says what is remarkable about each
// packet.
//
// Pure: no clock, no descriptor. One tracker watches one wire at the point where frames enter it,
// so that it sees everything both ends send, in order. Words and relative numbers are Wireshark's
// ("TCP Analysis"), with these differences:
// - every repetition is a retransmission, also one that was not needed, and whatever its delay;
// - one repeated byte is told from a keepalive by PSH and by what is acknowledged;
// - an acknowledgment is a duplicate only while data is outstanding (RFC 5681, 2), and if it
// reports a hole by SACK it is
//   one even if its window differs (RFC 6675, 2);
// - what looks like a keepalive is a window probe while the other end's window is closed.
#pragma once

#include "packet/frame.h"

struct track;        // all connections of one wire
struct track_stream; // one connection (one 4-tuple, one incarnation)

// What the tracker says about a packet.
struct track_verdict {
    struct track_stream
        *stream;       // (borrowed, lives as long as the tracker) NULL: not TCP, or a fragment
    bool fresh;        // the first packet of this stream
    int direction;     // 0: sent by the end that sent the first packet (the client, if the SYN was
                       // seen); 1: by the other
    uint32_t seq, ack; // relative to the initial sequence numbers, as Wireshark counts: SYN has 0,
                       // first byte 1
    uint32_t window;   // scaled, if the scales of both SYNs were seen; else as in the header
    enum packet_note note;
    bool syn_repeated; // a retransmission of SYN or SYN+ACK
    uint64_t of; // NOTE_RETRANSMISSION: id of the packet that last carried its first byte, 0 if
                 // forgotten; NOTE_DUPLICATE_ACK: of the first such ACK
    uint64_t sack[FRAME_SACK_MAX * 2]; // relative edges
};

struct track *track_new(void);
void track_free(struct track *t);

// Takes the next packet; `id` is its number, rising. Constant time (amortised), memory linear in
// connections and in segments not yet acknowledged.
void track_packet(struct track *t, const struct frame *f, uint64_t id, struct track_verdict *v);

// A number of the caller's, kept with the stream (0 at first).
uint32_t track_number(const struct track_stream *s);
void track_set_number(struct track_stream *s, uint32_t number);

// What a segment of that sender may say now, in the numbers of the header. Zeros where a side has
// sent nothing yet.
struct track_numbers {
    uint32_t base, peer_base; // what relative numbers count from
    uint32_t next;            // behind the highest number that it has sent
    uint32_t ack;             // what it has acknowledged last
    uint32_t window;          // that it has announced last, scaled
    int8_t scale;             // shift of its windows
};

// False: no connection between the two has been seen.
bool track_numbers(const struct track *t, const struct addr *from, const struct addr *to,
                   struct track_numbers *n);
