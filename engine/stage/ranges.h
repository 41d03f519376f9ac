// ranges: which event stands for which bytes of a stream.
//
// A queue of ranges in order of their start, for the bytes still of interest. Offsets count from
// the first byte of the stream. A zeroed struct is empty.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct range {
    uint64_t start, end; // [start, end)
    uint64_t id;
};

struct ranges {
    struct range *items; // (owned)
    uint32_t first, count, cap;
};

void ranges_fini(struct ranges *r);
void ranges_add(struct ranges *r, uint64_t start, uint64_t end,
                uint64_t id);                       // ignored if one range has all of it
void ranges_drop(struct ranges *r, uint64_t until); // those that end at or before

// Ids of the ranges that share bytes with [start, end), in order, at most `most`; how many.
size_t ranges_find(const struct ranges *r, uint64_t start, uint64_t end, uint64_t *ids,
                   size_t most);

// The offset whose low 32 bits are `low` and that is nearest to `near`: sequence numbers wrap,
// offsets do not.
uint64_t ranges_unwrap(uint64_t near, uint32_t low);
