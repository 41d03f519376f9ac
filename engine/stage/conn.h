// conn: the TCP connections of the scene, with both their ends.
//
// A connection is known from connect(2) or from its first packet on, and is never forgotten. Each
// end knows its host, its socket if it has a descriptor, the state in which the kernel's socket was
// seen last, and which events stand for which bytes.
#pragma once

#include <sys/queue.h>
#include <uthash.h>

#include "packet/frame.h"
#include "stage/ranges.h"
#include "stage/timers.h"

struct stage;
struct host;
struct sock;
struct actor;
struct conn_path;

struct conn_end {
    struct timer recheck; // first: timers give it back by address. For states that end by a timer
                          // of the kernel
    struct conn *conn;    // (borrowed) the one it is part of
    struct host *host;    // (borrowed) NULL: no host has the address
    struct addr address;
    struct addr peer;     // the other end as this one knows it: routers may rewrite addresses
    struct sock *sock;    // (borrowed) NULL: no descriptor (not yet accepted, or closed)
    bool ours;            // it has or had one; if it never gets one it is a real program's
    struct sock *closing; // (borrowed) NULL: no close(2) lingers for this end
    enum tcp_state state;
    uint64_t sent;            // bytes that send calls gave to the kernel
    uint64_t read;            // bytes that recv calls took from the kernel
    struct ranges sends;      // bytes → `call` events, until acknowledged
    struct ranges deliveries; // bytes → `packet` events, until read
    uint64_t opened, shut;    // the packet that ended the handshake; the last FIN or RST; 0: none
    uint64_t acked;           // the last that acknowledged something new
    // For observe.h.
    TAILQ_ENTRY(conn_end) active_link;
    struct {
        uint32_t recv_q, send_q;
    } told;                    // by the last event
    struct event_tcp *figures; // (owned) told last; NULL: not yet
    unsigned closely;          // OBSERVE_…
    unsigned idle;             // ticks without traffic
    bool active;               // is in the list
};

struct conn {
    struct stage *stage;
    struct conn_path *paths; // (owned)
    uint32_t number;         // from 1
    struct conn_end end[2];  // 0: the one that connected
    struct conn *older;      // (borrowed) had the same addresses before; NULL: none
    uint32_t in_flight;      // packets of it on the wires
    bool syn_seen;
    uint32_t syn_seq; // of the first SYN
};

struct conns {
    struct conn_path *by_key; // the newest of each pair of addresses
    struct conn **all;        // (owned) number n stands at n - 1
    uint32_t count, cap;
};

void conns_fini(struct conns *c, struct timers *timers);

// A new one, in place of an older one with the same addresses.
struct conn *conn_new(struct host *on, const struct addr *from, const struct addr *to);

// Both ends are on one machine and no wire is between: what happens at one end changes the other at
// once.
bool conn_is_local(const struct conn *c);

// What end 1 really is, seen further on the way: who it is, and whom it takes for its peer.
void conn_far_end(struct conn *c, const struct addr *peer, const struct addr *address);

// Whether the host only passes on what belongs to it.
bool conn_passes(const struct conn *c, const struct host *h);

// Asks the kernel for the state of an end and logs a `state` event if it has changed.
void conn_observe(struct conn *c, int side, const struct actor *actor, uint64_t cause);

// Whether a close(2) that lingers would go on sleeping: not all that was sent is acknowledged.
bool conn_is_closing(const struct conn *c, int side);

// A packet of it with these flags has arrived at that end (`cause`), and the kernel has got it.
void conn_arrived(struct conn *c, int side, unsigned flags, uint64_t cause);

// A packet of it (`cause`) has left that end; `timer`: no call or packet made the kernel send it.
void conn_departed(struct conn *c, int side, unsigned flags, enum packet_note note,
                   enum retransmission_kind kind, bool timer, uint64_t cause);

// The end is looked at again when the kernel's timer has run out, which nothing else tells.
void conn_recheck(struct conn_end *end, int64_t expires_ns);

// Whether a timer of the kernel may still send something for it (retransmission, probe).
bool conn_pending(const struct conn *c);
