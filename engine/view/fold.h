// fold: a long run of like segments told in one row.
//
// A run: data segments of one connection in one direction, with nothing remarkable about them, and
// what goes with them (plain ACKs of what is not shown, send and recv calls). The first FOLD_SHOWN
// are shown; of the rest only the numbers are kept, until something else happens to the connection.
// Then, and every FOLD_EVERY_NS, the row is due. Narration, or data in the other direction, begins
// a new run.
#pragma once

#include "event/event.h"

#define FOLD_SHOWN 16
#define FOLD_EVERY_NS INT64_C(1000000000)

struct fold_run {
    uint32_t conn, wire;
    uint32_t wire_host; // where the segments come out
    unsigned segments;  // in the run so far, shown or not
    unsigned hidden;    // segments since the last row
    uint64_t hidden_bytes;
    uint32_t hidden_host; // where those came out
    uint32_t hidden_end;  // what follows the last of them: ACKs up to here are hidden too
    int64_t told_ns;      // time of the last row about it
    int64_t last_ns;      // of the last event hidden
};

struct fold {
    struct fold_run *runs; // (owned)
    size_t count;
};

enum fold_answer {
    FOLD_SHOW,
    FOLD_HIDE,
    FOLD_TELL,          // the row of *due is due, the event itself is hidden
    FOLD_TELL_AND_SHOW, // the row of *due is due, then the event
};

void fold_fini(struct fold *f);
enum fold_answer fold_take(struct fold *f, const struct event *e, struct fold_run **due);
// The segment that was hidden last shall be seen after all. The run that it was taken out of, if
// that hides others still, whose row is due; else NULL.
struct fold_run *fold_take_out(struct fold *f, const struct event *packet);

// Any run with something hidden; NULL: none. For narration and the end.
struct fold_run *fold_due(struct fold *f);
void fold_told(struct fold_run *run, int64_t t);
void fold_restart(struct fold *f); // all runs begin anew: after narration
