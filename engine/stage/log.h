// log: gives events their ids and times and puts them into the ring.
//
// Only one event is under way at a time: log_begin(), fill it, log_commit(). Nothing here allocates
// or formats.
#pragma once

#include "event/event.h"
#include "event/ring.h"
#include "stage/actor.h"
#include "stage/spin.h"

struct log {
    struct ring *ring; // (borrowed)
    uint64_t last_id;
    int64_t zero_ns;  // clock_now() when the scene began; 0 before
    uint32_t packets; // events of that type so far
    uint32_t errors;
    uint64_t bytes; // of all events
    uint32_t snap;  // bytes kept of each frame; 0: all
    struct spin spin;
    int64_t spin_told_ns; // when its calls or their counts were told last
    bool open;
    bool muted;                 // the scene has ended: nothing goes into the ring any more
    void (*opening)(void *arg); // called once before the first event, to log the scene itself
    void *opening_arg;
};

// The scene begins now, if it has not: its clock starts, and it is logged.
void log_open(struct log *l);

void log_init(struct log *l, struct ring *ring, uint32_t snap);

// `actor` may be NULL, `host` and `cause` 0. The record may grow up to EVENT_MAX bytes.
struct event *log_begin(struct log *l, enum event_type type, const struct actor *actor,
                        uint32_t host, uint64_t cause);
uint64_t log_commit(struct log *l, struct event *e); // its id

// Whether the call is one more of those that spin: then it was counted, and is not to be logged.
bool log_again(struct log *l, const struct actor *actor, enum call call, uint32_t sock,
               int64_t result, int error, int64_t size);
// The same for a call that waits on many sockets.
bool log_again_many(struct log *l, const struct actor *actor, enum call call, int32_t fd,
                    int64_t result, const struct watched *ready, size_t count);

// An error of the engine or the scene, as an event; counted, so the scene fails.
void log_error(struct log *l, const struct actor *actor, uint32_t host, const char *message,
               const char *where);

int64_t log_now(const struct log *l); // ns since the scene began
