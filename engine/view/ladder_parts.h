// ladder_parts: what the files of the ladder share. No others include it.
#pragma once

#include "view/crew.h"
#include "view/figures.h"
#include "view/fold.h"
#include "view/ladder.h"
#include "view/page.h"
#include "view/words.h"

struct ladder {
    struct page page;
    struct cast cast;
    struct words words;
    struct crew crew;
    struct fold fold;
    struct buf hidden; // the packet that was folded last: it may turn out to be lost
    struct figures figures;
    uint64_t head_row; // rows written when the names were drawn last
    size_t hosts_drawn;
    bool resized;       // the lanes have moved since they were drawn
    int64_t longest_ns; // delay of the slowest wire
    int64_t paused_ns;  // up to then time that went by is marked
};

// Before any row with lanes: heads when they are new or long out of sight, and a mark where time
// went by.
void ladder_prepare(struct ladder *l, int64_t t);

// ladder_packet.c: packets leave, arrive or end on their way; runs of them in one row.
void ladder_draw_packet(struct ladder *l, const struct event *e);
void ladder_draw_arrive(struct ladder *l, const struct event *e);
void ladder_tell_run(struct ladder *l, struct fold_run *run);
