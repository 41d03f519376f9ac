// spin: calls whose outcomes come again and again, as in a loop over a non-blocking socket, or in
// one that never takes an end of file (300,000 rounds a second).
//
// Calls that may spin are remembered while nothing else is logged between them. One that comes
// again begins a round; as long as the same calls follow in the same order with the same outcomes,
// they are only counted. Pure: no clock, no ring.
#pragma once

#include "event/event.h"

#define SPIN_CALLS 4   // of one round
#define SPIN_BYTES 768 // of a record; a longer one does not spin

// What tells one outcome from another.
struct spin_key {
    uint32_t actor, line;
    enum call call;
    uint32_t sock; // 0: none, as of epoll_wait
    int32_t fd;    // compared only if there is no sock
    int64_t result, size;
    uint32_t error;
    const struct watched *ready;
    size_t ready_count;
};

struct spin_call {
    union {
        struct event event;
        char bytes[SPIN_BYTES];
    };
    uint64_t count; // that were not told yet
    int64_t last_ns;
};

struct spin {
    struct spin_call calls[SPIN_CALLS];
    unsigned count;
    unsigned first, next; // of the round, which goes to the last; `next` is to come now
    bool round;
};

void spin_forget(struct spin *s); // something else was logged

void spin_remember(struct spin *s, const struct event *e); // a `call` event that was just logged

// Whether the call is one more of the round: then it was counted.
bool spin_again(struct spin *s, const struct spin_key *key, int64_t now_ns);

// The next call with a count that was not told, in the order in which they were made last; NULL:
// none. The caller tells it, and sets the count to 0.
struct spin_call *spin_untold(struct spin *s);
