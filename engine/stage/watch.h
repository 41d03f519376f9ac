// watch: counts a host's sockets by state, again and again, as the kernel lists them.
//
// Owned by the stage, where it stays until the scene ends, stopped or not: who has its handle may
// still read what it has seen.
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

#include "event/event.h"
#include "stage/timers.h"

struct host;
struct actor;

struct watch_sample {
    int64_t t_ns; // since the scene began
    uint32_t states[STATE_COUNT];
};

struct watch {
    struct timer timer; // first: timers give it back by address
    LIST_ENTRY(watch) link;
    struct host *host; // (borrowed)
    int64_t every_ns, due_ns;
    struct watch_sample *samples; // (owned) each differs from the one before
    size_t count, cap;
    uint32_t most[STATE_COUNT]; // the largest number of each state so far
};

#define WATCH_SAMPLES_MAX 100000 // kept for the script; events tell of all

// Looks at once, and from then on every so often; a `count` event for each change. `by` is whose
// call it is.
struct watch *watch_new(struct host *h, int64_t every_ns, const struct actor *by);
void watch_stop(struct watch *w); // nothing if it has stopped
void watch_free(struct watch *w);
