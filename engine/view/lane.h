// lane: where on the page each host has its lifeline and the text of what it does.
//
// Two hosts on a wide page: what they do stands at the outer sides, so that between them there is
// nothing but the wire. One host, many hosts, or a narrow page: each host's text stands at the
// right of its lifeline. When not all hosts find room (11 columns each), those that come last share
// the last lane, where they are named in the text.
//
// From left to right the hosts stand as the scene's links name them, then those without a link.
#pragma once

#include "event/cast.h"

struct lane {
    uint32_t host;              // the only or first one
    size_t column;              // of the lifeline
    size_t text_from, text_len; // columns for its text
    bool text_ends;             // the text stands left of the lifeline and ends there
    uint32_t last_actor;        // who was named last in this lane
    bool asleep;                // everybody who acts here waits in a call
};

#define LANE_NONE ((size_t)-1)
#define LANE_CLOCK 9 // columns of the time at the left, with a blank
#define LANE_SLOT 11

struct lanes {
    struct lane *at; // (owned)
    size_t count;
    uint32_t *order; // (owned) hosts from left to right
    size_t hosts;    // in `order`; more than `count`: the last lane is shared
    size_t width;
};

void lanes_fini(struct lanes *l);
void lanes_lay(struct lanes *l, const struct cast *cast,
               size_t width);                          // anew, for the hosts that the cast has
size_t lanes_of(const struct lanes *l, uint32_t host); // its lane or LANE_NONE
bool lanes_shared(const struct lanes *l, size_t lane); // stands for several hosts
