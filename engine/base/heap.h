// heap: entries in order of time; those of one time in the order they came.
//
// Intrusive: the entry lives in the caller's structure, which the heap borrows until the entry is
// taken out. A zeroed struct heap is empty; a zeroed entry is in no heap.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct heap_entry {
    int64_t due_ns;
    uint64_t serial; // order of pushing, breaks ties
    size_t place;    // place in the heap, from 1; 0: in none
};

struct heap {
    struct heap_entry **entries; // (array owned, entries borrowed)
    size_t count, cap;
    uint64_t pushed;
};

void heap_fini(struct heap *h);
void heap_push(struct heap *h, struct heap_entry *entry, int64_t due_ns); // must be in no heap
struct heap_entry *heap_first(const struct heap *h);                      // NULL when empty
void heap_remove(struct heap *h, struct heap_entry *entry); // nothing if it is in no heap
