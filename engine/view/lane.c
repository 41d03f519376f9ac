// Implementation of lane.h.
#include "view/lane.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define OUTER_MIN 64  // columns beside the clock from which two hosts have their text outside
#define OUTER_TEXT 19 // least columns of text there
#define MIDDLE_MAX 84 // more wire than that only parts the two

void lanes_fini(struct lanes *l)
{
    free(l->at);
    free(l->order);
    *l = (struct lanes){0};
}

static void add_host(struct lanes *l, uint32_t host, size_t limit)
{
    for (size_t i = 0; i < l->hosts; i++)
        if (l->order[i] == host)
            return;
    if (host && l->hosts < limit)
        l->order[l->hosts++] = host;
}

static void put_in_order(struct lanes *l, const struct cast *cast)
{
    for (size_t i = 0; i < cast->wire_count; i++) {
        const struct cast_wire *wire = &cast->wires[i];
        for (size_t j = 0; wire->end_count > 1 && j < wire->end_count; j++)
            add_host(l, wire->ends[j].host, cast->host_count);
    }
    for (size_t i = 0; i < cast->host_count; i++)
        add_host(l, (uint32_t)i + 1, cast->host_count);
}

static void lay_outer(struct lanes *l, size_t columns)
{
    size_t free_columns = columns - 4; // two lifelines, a blank beside each
    size_t text = free_columns * 29 / 100;
    if (text < OUTER_TEXT)
        text = OUTER_TEXT;
    if (free_columns - 2 * text > MIDDLE_MAX)
        text = (free_columns - MIDDLE_MAX) / 2;
    size_t middle = free_columns - 2 * text,
           odd = middle % 2 == 0; // the left one is the client, which has more to say
    size_t left = LANE_CLOCK + text + odd + 1, right = LANE_CLOCK + columns - text - 2;
    l->at[0] = (struct lane){
        .column = left, .text_from = LANE_CLOCK, .text_len = text + odd, .text_ends = true};
    l->at[1] = (struct lane){.column = right, .text_from = right + 2, .text_len = text};
}

static void lay_inner(struct lanes *l, size_t columns)
{
    size_t slot = l->count ? columns / l->count : columns;
    for (size_t i = 0; i < l->count; i++) {
        size_t column = LANE_CLOCK + i * slot;
        size_t end = i + 1 < l->count ? column + slot - 1 : LANE_CLOCK + columns;
        l->at[i] =
            (struct lane){.column = column, .text_from = column + 2, .text_len = end - column - 2};
    }
}

void lanes_lay(struct lanes *l, const struct cast *cast, size_t width)
{
    lanes_fini(l);
    size_t columns = width - 1 - LANE_CLOCK; // the last one stays free: some terminals wrap there
    l->width = width;
    l->order = mem_new((cast->host_count + 1) * sizeof *l->order);
    put_in_order(l, cast);
    size_t room = columns / LANE_SLOT;
    l->count = l->hosts < room ? l->hosts : room;
    l->at = mem_new((l->count + 1) * sizeof *l->at);
    if (l->count == 2 && l->hosts == 2 && columns >= OUTER_MIN)
        lay_outer(l, columns);
    else
        lay_inner(l, columns);
    for (size_t i = 0; i < l->count; i++)
        l->at[i].host = l->order[i];
}

size_t lanes_of(const struct lanes *l, uint32_t host)
{
    for (size_t i = 0; host && i < l->hosts; i++)
        if (l->order[i] == host)
            return i < l->count ? i : l->count - 1;
    return LANE_NONE;
}

bool lanes_shared(const struct lanes *l, size_t lane)
{
    return l->hosts > l->count && lane + 1 == l->count;
}
