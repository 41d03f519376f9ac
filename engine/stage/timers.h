// timers: everything in the stage that happens at a time: frames arrive, sleepers wake, limits run
// out.
//
// One order of all of them, and one timerfd that wakes the loop (an ev_timer of libev is 600 µs
// late, a timerfd 90 µs).
//
// Two clocks. What the kernel and the wires do happens by the machine's (clock_now()). What scenes
// wait for happens by the clock of the scene, which is the same, but stands still while a packet is
// held for the presenter (gate.h): so no limit runs out, and nobody wakes, while she speaks.
#pragma once

#include <stdbool.h>

#include "base/heap.h"

struct timer {
    struct heap_entry entry;
    bool is_scenes;                // due by the clock of the scene
    void (*fire)(struct timer *t); // may set or stop timers, itself too
};

struct timers {
    struct heap machine, scene; // by clock
    int fd;                     // readable when the first is due
    int64_t armed_ns;           // what the descriptor is set to; 0: not
    int64_t behind_ns;          // of the scene's clock, as long as it goes
    bool stands;                // it does not
    int64_t stands_at_ns;       // where
};

int timers_init(struct timers *t); // -1 with errno
void timers_fini(struct timers *t);

// By the machine's clock, or that of the scene; moves it if it was set.
void timer_set(struct timers *t, struct timer *timer, int64_t due_ns);
void timer_set_scene(struct timers *t, struct timer *timer, int64_t due_ns);
void timer_stop(struct timers *t, struct timer *timer); // nothing if it is not set

// Fires what is due, in order, at most `most` of them. Returns by how many ns the latest of them
// was late, -1 if none was due.
int64_t timers_run(struct timers *t, int most);

bool timers_due(const struct timers *t); // something is due now
void timers_arm(struct timers *t);       // sets the descriptor for the first

// The clock of the scene: now, and what it said at a time of the machine's, which lies behind us.
int64_t timers_scene_now(const struct timers *t);
int64_t timers_scene_at(const struct timers *t, int64_t machine_ns);
void timers_stand(struct timers *t); // nothing if it stands
void timers_go_on(struct timers *t); // nothing if it goes
