// Implementation of ranges.h.
#include "stage/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void ranges_fini(struct ranges *r)
{
    free(r->items);
    *r = (struct ranges){0};
}

static void make_room(struct ranges *r)
{
    if (r->first + r->count < r->cap)
        return;
    if (r->first > r->count) { // more than half is gone at the front: move down, which is amortised
        memmove(r->items, r->items + r->first, (size_t)r->count * sizeof *r->items);
        r->first = 0;
        return;
    }
    r->cap = r->cap ? r->cap * 2 : 2; // thousands of connections have four of them each
    r->items = mem_resize(r->items, r->cap * sizeof *r->items);
}

void ranges_add(struct ranges *r, uint64_t start, uint64_t end, uint64_t id)
{
    make_room(r);
    struct range *items = r->items + r->first;
    size_t at = r->count;
    while (at > 0 && items[at - 1].start > start)
        at--;
    if (at > 0 && items[at - 1].end >= end)
        return;
    memmove(items + at + 1, items + at, (r->count - at) * sizeof *items);
    items[at] = (struct range){start, end, id};
    r->count++;
}

void ranges_drop(struct ranges *r, uint64_t until)
{
    while (r->count && r->items[r->first].end <= until) {
        r->first++;
        r->count--;
    }
    if (r->count == 0)
        r->first = 0;
}

size_t ranges_find(const struct ranges *r, uint64_t start, uint64_t end, uint64_t *ids, size_t most)
{
    size_t found = 0;
    for (size_t i = r->first; i < r->first + r->count && found < most; i++) {
        if (r->items[i].start >= end)
            break;
        if (r->items[i].end > start)
            ids[found++] = r->items[i].id;
    }
    return found;
}

uint64_t ranges_unwrap(uint64_t near, uint32_t low)
{
    return near + (uint64_t)(int64_t)(int32_t)(low - (uint32_t)near);
}
