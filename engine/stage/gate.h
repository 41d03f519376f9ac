// gate: packets wait at the end of their wire, for the presenter's key or for a clock.
//
// Theory of operation. With --step each packet that would arrive is held (a `held` event) until a
// key lets it go, drops it, or lets it arrive twice. With --pace each waits until a fixed time
// after the one before. While any waits, the clock of the scene stands still (timers.h). The kernel
// knows nothing of this: what it repeats meanwhile, because a packet or its answer waits here, is
// absorbed and counted on that packet. With --step its timers are stretched besides, so that it
// hardly repeats anything (iface.h, sysctl.h).
#pragma once

#include <stdbool.h>

#include "stage/timers.h"

struct flight;
struct stage;

enum gate_mode { GATE_OPEN, GATE_PACE, GATE_STEP };

struct gate {
    struct timer timer; // first: timers give it back by address
    struct stage *stage;
    bool there;                  // this scene is played with it
    enum gate_mode mode;         // now
    int64_t pace_ns;             // 0: there is none
    int64_t passed_ns;           // when the last one went on
    struct flight *first, *last; // (owned) those that wait, in order
    uint64_t held;               // event that holds the first; 0: it was not told
    int64_t held_ns;             // since when
};

// `step`: wait for keys; else for the pace.
void gate_init(struct gate *g, struct stage *s, bool step, int64_t pace_ns);

// Whether the packet, which is about to arrive, waits here from now on.
bool gate_takes(struct gate *g, struct flight *f);

// The packet that the one which just entered is a copy of, or whose answer waits; NULL: none. It is
// counted there.
const struct flight *gate_absorbs(struct gate *g, const struct flight *copy);

bool gate_holds(const struct gate *g); // something waits

// The presenter pressed: space, enter, d, 2, + or -.
void gate_key(struct gate *g, const char *key);
