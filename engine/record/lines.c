// Implementation of lines.h.
#include "record/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void lines_fini(struct lines *l)
{
    free(l->lines);
    buf_fini(&l->texts);
    *l = (struct lines){0};
}

static void forget_older_half(struct lines *l)
{
    size_t half = l->count / 2, off = l->lines[half].off;
    buf_drop(&l->texts, off);
    l->count -= half;
    memmove(l->lines, l->lines + half, l->count * sizeof *l->lines);
    for (size_t i = 0; i < l->count; i++)
        l->lines[i].off -= off;
}

void lines_put(struct lines *l, uint64_t id, const char *text, size_t len)
{
    if (l->count && id <= l->lines[l->count - 1].id)
        return;
    if (l->count == 2 * LINES_KEPT)
        forget_older_half(l);
    if (l->count == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 16;
        l->lines = mem_resize(l->lines, l->cap * sizeof *l->lines);
    }
    l->lines[l->count++] = (struct line){id, l->texts.len, len};
    buf_put(&l->texts, text, len);
}

const struct line *lines_find(const struct lines *l, uint64_t id)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->lines[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->count && l->lines[low].id == id ? &l->lines[low] : NULL;
}
