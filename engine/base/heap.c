// Implementation of heap.h: a binary heap, each entry knows its place.
#include "base/heap.h"

#include <stdlib.h>

#include "base/mem.h"

void heap_fini(struct heap *h)
{
    free(h->entries);
    *h = (struct heap){0};
}

static int before(const struct heap_entry *a, const struct heap_entry *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->serial < b->serial;
}

static void put(struct heap *h, size_t place, struct heap_entry *entry)
{
    h->entries[place - 1] = entry;
    entry->place = place;
}

static void rise(struct heap *h, struct heap_entry *entry, size_t place)
{
    while (place > 1 && before(entry, h->entries[place / 2 - 1])) {
        put(h, place, h->entries[place / 2 - 1]);
        place /= 2;
    }
    put(h, place, entry);
}

static void sink(struct heap *h, struct heap_entry *entry, size_t place)
{
    for (size_t child; (child = place * 2) <= h->count; place = child) {
        if (child < h->count && before(h->entries[child], h->entries[child - 1]))
            child++;
        if (!before(h->entries[child - 1], entry))
            break;
        put(h, place, h->entries[child - 1]);
    }
    put(h, place, entry);
}

void heap_push(struct heap *h, struct heap_entry *entry, int64_t due_ns)
{
    if (h->count == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 64;
        h->entries = mem_resize(h->entries, h->cap * sizeof *h->entries);
    }
    entry->due_ns = due_ns;
    entry->serial = h->pushed++;
    rise(h, entry, ++h->count);
}

struct heap_entry *heap_first(const struct heap *h)
{
    return h->count ? h->entries[0] : NULL;
}

void heap_remove(struct heap *h, struct heap_entry *entry)
{
    size_t place = entry->place;
    if (!place)
        return;
    struct heap_entry *last = h->entries[--h->count];
    entry->place = 0;
    if (last == entry)
        return;
    if (place > 1 && before(last, h->entries[place / 2 - 1]))
        rise(h, last, place);
    else
        sink(h, last, place);
}
