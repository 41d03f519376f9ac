// conn: the TCP connections of the scene, with both their ends.
//
// A connection is known from connect(2) or from its first packet on, and is never forgotten. Each
// end knows its host, its socket if it has a descriptor, the state in which the kernel's socket was
// seen last, and which events stand for which bytes.
#pragma once

#include <uthash.h>

#include "packet/frame.h"
#include "stage/ranges.h"
#include "stage/timers.h"

struct stage;
struct host;
struct sock;
struct actor;

struct conn_end {
    struct timer recheck; // first: timers give it back by address. For states that end by a timer
                          // of the kernel
    struct conn *conn;    // (borrowed) the one it is part of
    struct host *host;    // (borrowed) NULL: no host has the address
    struct addr address;
    struct sock *sock; // (borrowed) NULL: no descriptor (not yet accepted, or closed)
    bool ours;         // it has or had one; if it never gets one it is a real program's
    enum tcp_state state;
    uint64_t sent;            // bytes that send calls gave to the kernel
    uint64_t read;            // bytes that recv calls took from the kernel
    struct ranges sends;      // bytes → `call` events, until acknowledged
    struct ranges deliveries; // bytes → `packet` events, until read
};

struct conn_key {
    struct addr a, b; // the lower one first
    uint32_t host;    // whose own loopback it runs over; 0: a wire's. Each host has a 127.0.0.1
};

struct conn {
    struct conn_key key;
    UT_hash_handle hh;
    struct stage *stage;
    uint32_t number;        // from 1
    struct conn_end end[2]; // 0: the one that connected
    bool syn_seen;
    uint32_t syn_seq; // of the first SYN
};

struct conns {
    struct conn *by_key; // the newest of each pair of addresses
    struct conn **all;   // (owned) number n stands at n - 1
    uint32_t count, cap;
};

void conns_fini(struct conns *c, struct timers *timers);

// The newest connection between the two, as seen from the host; or NULL.
struct conn *conn_find(struct host *on, const struct addr *a, const struct addr *b);

// A new one, in place of an older one with the same addresses.
struct conn *conn_new(struct host *on, const struct addr *from, const struct addr *to);

// Both ends are on one machine and no wire is between: what happens at one end changes the other at
// once.
bool conn_is_local(const struct conn *c);

// The connection that the first packet of a stream belongs to; made if there is none.
struct conn *conn_of_frame(struct host *on, const struct frame *f);

int conn_side(const struct conn *c, const struct addr *address); // which end has it: 0 or 1

// Whether the host only passes on what belongs to it.
bool conn_passes(const struct conn *c, const struct host *h);

// Asks the kernel for the state of an end and logs a `state` event if it has changed.
void conn_observe(struct conn *c, int side, const struct actor *actor, uint64_t cause);

// Whether a timer of the kernel may still send something for it (retransmission, probe).
bool conn_pending(const struct conn *c);
