// timers: everything in the stage that happens at a time: frames arrive, sleepers wake, limits run
// out.
//
// One heap, so that there is one order of all of them, and one timerfd that wakes the loop (an
// ev_timer of libev is 600 µs late, a timerfd 90 µs).
#pragma once

#include <stdbool.h>

#include "base/heap.h"

struct timer {
    struct heap_entry entry;
    void (*fire)(struct timer *t); // may set or stop timers, itself too
};

struct timers {
    struct heap heap;
    int fd;           // readable when the first is due
    int64_t armed_ns; // what the descriptor is set to; 0: not
};

int timers_init(struct timers *t); // -1 with errno
void timers_fini(struct timers *t);

void timer_set(struct timers *t, struct timer *timer, int64_t due_ns); // moves it if it was set
void timer_stop(struct timers *t, struct timer *timer);                // nothing if it is not set

// Fires what is due, in order, at most `most` of them. Returns by how many ns the latest of them
// was late, -1 if none was due.
int64_t timers_run(struct timers *t, int most);

bool timers_due(const struct timers *t); // something is due now
void timers_arm(struct timers *t);       // sets the descriptor for the first
