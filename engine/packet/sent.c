// Implementation of sent.h.
#include "packet/sent.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

void sent_fini(struct sent *s)
{
    free(s->ranges);
    *s = (struct sent){0};
}

// The first range that ends behind `seq`; count if there is none.
static size_t place_of(const struct sent *s, uint32_t seq)
{
    const struct sent_range *r = s->ranges + s->head;
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (before(seq, r[middle].end))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool sent_find(const struct sent *s, uint32_t seq, uint64_t *id)
{
    size_t i = s->count ? place_of(s, seq) : 0;
    if (i == s->count || before(seq, s->ranges[s->head + i].seq))
        return false;
    *id = s->ranges[s->head + i].id;
    return true;
}

static void drop(struct sent *s, size_t n)
{
    s->head += n;
    s->count -= n;
    s->passed = s->passed > n ? s->passed - n : 0;
}

// Room for two more ranges at the end. What was dropped from the front is used again only when it
// is half of the array, so that moving the rest is paid for.
static void make_room(struct sent *s)
{
    if (s->count >= SENT_MAX)
        drop(s, s->count - SENT_MAX + 1);
    if (s->head + s->count + 2 <= s->cap)
        return;
    if (s->count == 0) {
        s->head = 0;
    } else if (s->head >= s->cap / 2) {
        memmove(s->ranges, s->ranges + s->head, s->count * sizeof(*s->ranges));
        s->head = 0;
    }
    if (s->head + s->count + 2 > s->cap) {
        s->cap = s->cap ? s->cap * 2 : 4;
        s->ranges = mem_resize(s->ranges, s->cap * sizeof(*s->ranges));
    }
}

// Counts anew which ranges are acknowledged, from the one at `from` on.
static void count_passed(struct sent *s, size_t from)
{
    if (s->passed > from)
        s->passed = from;
    while (s->passed < s->count && !before(s->ack, s->ranges[s->head + s->passed].end))
        s->passed++;
}

void sent_put(struct sent *s, uint32_t seq, uint32_t end, uint64_t id)
{
    make_room(s);
    struct sent_range *r = s->ranges + s->head;
    if (s->count == 0 || !before(seq, r[s->count - 1].end)) {
        r[s->count++] = (struct sent_range){seq, end, id};
        return;
    }
    // [i, j) overlap; what sticks out of them on either side stays theirs.
    size_t i = place_of(s, seq), j = i, n = 0;
    while (j < s->count && before(r[j].seq, end))
        j++;
    struct sent_range now[3];
    if (i < j && before(r[i].seq, seq))
        now[n++] = (struct sent_range){r[i].seq, seq, r[i].id};
    now[n++] = (struct sent_range){seq, end, id};
    if (i < j && before(end, r[j - 1].end))
        now[n++] = (struct sent_range){end, r[j - 1].end, r[j - 1].id};
    memmove(r + i + n, r + j, (s->count - j) * sizeof(*r));
    memcpy(r + i, now, n * sizeof(*r));
    s->count = s->count - (j - i) + n;
    if (s->passed > 0)
        count_passed(s, i);
}

void sent_pass(struct sent *s, uint32_t ack)
{
    s->ack = ack;
    count_passed(s, s->passed);
    if (s->passed > SENT_HISTORY)
        drop(s, s->passed - SENT_HISTORY);
}
