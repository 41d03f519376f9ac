// datagram: which packets stand behind the datagrams that wait in the queue of a socket.
//
// Theory of operation. The kernel does not tell which packet a datagram came in. But a frame that
// is given to a host is in a queue, or in none, before that call returns, and queues keep their
// order. So the memory that each queue takes (SO_MEMINFO) is looked at before and after: where it
// has grown, the frame has got in; with the last fragment of a datagram, all of them. What else
// changes a queue (lo, the error queue) shows in the same figure; then nothing is named until the
// queue was empty once.
#pragma once

#include <sys/queue.h>

#include "packet/frame.h"
#include "stage/ranges.h"

#define DATAGRAM_PACKETS 64 // fragments of one datagram that are named

struct host;
struct sock;
struct fragments;

// Of a socket that is no stream; its descriptors by dup(2) share it.
struct datagrams {
    LIST_ENTRY(datagrams) link; // of its host
    struct sock *sock;          // (borrowed) one of its open descriptors
    uint16_t port;              // its own; 0: not known, or it has none
    uint64_t arrived, taken;    // datagrams so far
    struct ranges packets;      // (datagram * DATAGRAM_PACKETS + fragment) → `packet` events
    uint64_t error;             // packet that told of one; 0: none has
    uint32_t memory;            // that the queue took when it was looked at last
    bool unsure;                // something got in that is not named
};

LIST_HEAD(datagrams_list, datagrams);

void datagrams_open(struct sock *s);  // a new socket
void datagrams_close(struct sock *s); // this descriptor of it is gone
void datagrams_bound(struct sock *s); // it may have a port now

void fragments_free(struct fragments *f); // of a host; may be NULL

// Around giving a frame to the host; `packet` is the id of its event.
void datagram_before(const struct host *h, const struct frame *f);
void datagram_after(struct host *h, const struct frame *f, uint64_t packet);

// After a call that has taken something from the queue: ids of the packets of the datagram, how
// many. `kept`: it is still there.
size_t datagram_taken(const struct sock *s, bool kept, uint64_t ids[DATAGRAM_PACKETS]);
void datagram_error_taken(const struct sock *s); // from the error queue

// Ids of the packets behind all that waits, oldest first, at most `most`; how many.
size_t datagrams_waiting(const struct datagrams *d, uint64_t *ids, size_t most);
