// figures: what waits in queues, and other numbers of the kernel, in words, and only where they are
// news to who reads the rows.
//
// The stage tells each change; most of them say nothing: a connection that joins the accept queue
// while somebody waits in accept() is taken at once. What was left untold is told later if it has
// stayed (figures_due).
#pragma once

#include <stdbool.h>

#include "view/words.h"

struct figure;

struct figures {
    struct figure *all; // (owned) by socket or connection
    bool paused;        // at a cue: no later row would tell what is left untold
};

struct figures_text {
    struct buf must, may;
    bool alarm; // something was dropped
};

void figures_fini(struct figures *f);
void figures_text_fini(struct figures_text *text);

// Every event first: remembers who waits in accept(), and what state events say of queues.
void figures_note(struct figures *f, const struct event *e);

// The words of a `queue`, `tcp` or `count` event; false: it is no news now.
bool figures_take(struct figures *f, const struct words *w, const struct event *e,
                  struct figures_text *text);

// What a state's Recv-Q has that is no data; nothing if all of it is.
void figures_explain(const struct words *w, const struct event_state *s, struct buf *may);

// The next accept queue whose length was left untold; false: there is none. `host` is whose.
bool figures_due(struct figures *f, const struct words *w, uint32_t *host,
                 struct figures_text *text);
