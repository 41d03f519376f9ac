// flap: a wire, or one direction of it, that is cut and mended by a clock.
#pragma once

#include "stage/timers.h"
#include "stage/wire_rule.h"

struct flap {
    struct timer timer;     // first: timers give it back by address
    struct wire_rule *rule; // (borrowed) that it is part of
    int64_t up_ns, down_ns;
    bool is_down;
};

// Part of the rule from now on.
void flap_attach(struct wire_rule *r, int64_t up_ns, int64_t down_ns);

void flap_start(struct flap *f); // the network stands: the first time up begins now
void flap_stop(struct flap *f);  // the wire is up afterwards
