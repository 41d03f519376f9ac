// flight: the packets that are on a wire now, and the column in which each is drawn until it
// arrives.
//
// A packet leaves its host's lifeline as a horizontal line, turns down, and stays a vertical line
// in all rows until it arrives and turns into an arrow. So one sees what is in flight, which
// departure belongs to which arrival, and what overtakes what. Packets that follow each other take
// columns ever nearer to their sender: kept in order, their lines never cross.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/lane.h"

struct flight {
    uint64_t id;     // of the packet
    size_t from, to; // lanes; `to` may be LANE_NONE
    size_t column;   // LANE_NONE: drawn leaving, its way is not known
    bool rightward;  // it comes in from the left
    bool held;
    int style;
    uint64_t row;   // of its departure
    char label[32]; // its words, in brief
};

#define FLIGHTS_PAST 32

struct flights {
    struct flight *at; // (owned) in order of departure
    size_t count, cap;
    struct flight past[FLIGHTS_PAST]; // the last that were removed, for what comes twice
    size_t removed;
};

void flights_fini(struct flights *f);

// A column for a packet to that lane; LANE_NONE if there is no way to draw it.
size_t flights_column(const struct flights *f, const struct lanes *l, size_t from, size_t to,
                      bool *rightward);

// Lays them out anew, in the same order, after the lanes have moved.
void flights_lay(struct flights *f, const struct lanes *l);

struct flight *flights_add(struct flights *f,
                           const struct flight *one);              // valid until the next call
struct flight *flights_find(const struct flights *f, uint64_t id); // NULL if it is not drawn
const struct flight *flights_find_past(const struct flights *f, uint64_t id); // NULL: long ago
void flights_remove(struct flights *f, uint64_t id);
