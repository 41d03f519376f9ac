// finding: what doctor found out, a row each, and how the rows are shown.
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "view/options.h"

enum finding_level {
    FINDING_OK,
    FINDING_NOTE,  // scenes run, with something less
    FINDING_FAILS, // no hosts with wires
    FINDING_OPEN,  // could not be tried, because of what fails
};

struct finding {
    const char *name;
    enum finding_level level;
    char found[200], means[320], helps[256]; // empty: nothing to say
};

struct findings {
    struct finding all[24];
    size_t count;
};

// A new row, with what was found.
struct finding *finding_add(struct findings *list, const char *name, enum finding_level level,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));

// What it means for scenes, and the command that helps; either may be NULL.
void finding_explain(struct finding *f, const char *means, const char *helps);

// A line a row; sign and word, so that nothing is told by colour alone. A command is never broken
// into lines.
void findings_text(const struct findings *list, const struct view_options *options,
                   struct buf *out);

// The rows as an array of JSON: {name, ok, needed, found, means, helps}. `ok` is null for what was
// not tried.
void findings_json(const struct findings *list, struct buf *out);
