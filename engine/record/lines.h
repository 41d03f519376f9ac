// lines: texts by the id of the event they belong to. Keeps the newest, at least LINES_KEPT of
// them.
//
// Owns its copies. A zeroed struct is empty.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define LINES_KEPT 16384

struct line {
    uint64_t id;
    size_t off; // of its text
    size_t len;
};

struct lines {
    struct line *lines; // (owned) in order of id
    size_t count, cap;
    struct buf texts;
};

void lines_fini(struct lines *l);
void lines_put(struct lines *l, uint64_t id, const char *text,
               size_t len); // ignored unless id is the highest yet
const struct line *lines_find(const struct lines *l, uint64_t id); // NULL: not there (any more)
