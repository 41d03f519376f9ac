// Implementation of flight.h.
#include "view/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PATHLESS_MAX 64 // broadcasts remembered for their arrivals
#define LABEL_MIN 11    // columns kept for the label between the sender and the last column given

void flights_fini(struct flights *f)
{
    free(f->at);
    *f = (struct flights){0};
}

static bool is_taken(const struct flights *f, size_t column)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->at[i].column == column)
            return true;
    return false;
}

// The gap beside lane `to` through which the packet comes in.
static void find_gap(const struct lanes *l, size_t to, bool rightward, size_t *left, size_t *right)
{
    if (rightward) {
        *left = to > 0 ? l->at[to - 1].column + 1 : LANE_CLOCK;
        *right = l->at[to].column - 1;
    } else {
        *left = l->at[to].column + 1;
        *right = to + 1 < l->count ? l->at[to + 1].column - 1 : l->width - 2;
    }
}

// Columns count from the receiver here, so that both directions are one case.
size_t flights_column(const struct flights *f, const struct lanes *l, size_t from, size_t to,
                      bool *rightward)
{
    if (from == LANE_NONE || to == LANE_NONE)
        return LANE_NONE;
    // To itself: out and in again at the side of the other lanes.
    *rightward = from != to ? from < to : to > 0 && to + 1 == l->count && l->at[0].text_ends;
    size_t left, right;
    find_gap(l, to, *rightward, &left, &right);
    size_t gap = right - left + 1, reach = gap / 5;
    size_t least = gap < 16 ? 2 : 3;
    reach = gap < 40 || reach < least ? least : reach > 14 ? 14 : reach;
    if (from == to) // leaves room for its label on the way out
        reach = gap * 3 / 4;
    size_t limit = gap > LABEL_MIN + reach ? gap - LABEL_MIN : reach;
    size_t next = reach;
    for (size_t i = 0; i < f->count; i++) {
        size_t column = f->at[i].column;
        if (column == LANE_NONE || column < left || column > right ||
            f->at[i].rightward != *rightward)
            continue;
        size_t away = *rightward ? right - column : column - left;
        if (away >= next)
            next = away + 1;
    }
    size_t away = next;
    if (away > limit) // begin again at the receiver; the line out crosses those before it
        for (away = reach; away < limit && is_taken(f, *rightward ? right - away : left + away);)
            away++;
    while (away < limit && is_taken(f, *rightward ? right - away : left + away))
        away++; // by a packet of the other direction
    return *rightward ? right - away : left + away;
}

void flights_lay(struct flights *f, const struct lanes *l)
{
    size_t count = f->count;
    for (f->count = 0; f->count < count; f->count++) {
        struct flight *one = &f->at[f->count];
        one->column = flights_column(f, l, one->from, one->to, &one->rightward);
    }
}

struct flight *flights_add(struct flights *f, const struct flight *one)
{
    size_t pathless = 0, first = f->count;
    for (size_t i = f->count; i-- > 0;)
        if (f->at[i].column == LANE_NONE) {
            pathless++;
            first = i;
        }
    if (pathless > PATHLESS_MAX)
        flights_remove(f, f->at[first].id);
    if (f->count == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 16;
        f->at = mem_resize(f->at, f->cap * sizeof *f->at);
    }
    f->at[f->count] = *one;
    return &f->at[f->count++];
}

struct flight *flights_find(const struct flights *f, uint64_t id)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->at[i].id == id)
            return &f->at[i];
    return NULL;
}

const struct flight *flights_find_past(const struct flights *f, uint64_t id)
{
    for (size_t i = 0; i < FLIGHTS_PAST; i++)
        if (f->past[i].id == id)
            return &f->past[i];
    return NULL;
}

void flights_remove(struct flights *f, uint64_t id)
{
    struct flight *found = flights_find(f, id);
    if (!found)
        return;
    f->past[f->removed++ % FLIGHTS_PAST] = *found;
    size_t at = (size_t)(found - f->at);
    memmove(found, found + 1, (f->count - at - 1) * sizeof *found);
    f->count--;
}
