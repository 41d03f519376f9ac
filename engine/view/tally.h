// tally: how many TCP sockets each host has in each state just now, and had at most.
//
// Learned from `state` events, which tell each change, and corrected by `count` events where the
// scene has them; accept queues from `queue` events.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "event/cast.h"

struct tally_host {
    uint32_t states[STATE_COUNT], most[STATE_COUNT]; // by enum tcp_state
    int64_t waiting, limit;                          // the longest accept queue
    uint32_t refused;                                // SYNs and ACKs that found it full
    bool has_waited;                                 // somebody was in an accept queue
};

struct tally_listener;

struct tally {
    struct tally_host *hosts; // (owned) host n stands at n - 1
    size_t count;
    struct tally_listener *listeners; // (owned)
};

void tally_fini(struct tally *t);

// Takes an event that the cast has learned; whether anything has changed.
bool tally_take(struct tally *t, const struct cast *cast, const struct event *e);

// The states in the order of a connection's life; ended by STATE_NONE.
extern const enum tcp_state tally_order[];
