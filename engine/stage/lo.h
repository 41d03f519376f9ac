// lo: the loopback of a host, as a wire to look at.
//
// The kernel carries these packets itself: they are seen when they have arrived, and nothing can be
// done to them. A scene that names no `host.lo` sees none of them.
#pragma once

#include "stage/wire.h"

struct lo;

// The wire for the loopback of the host; made by the first call. NULL with `err`: it cannot be
// looked at, or (wrong set) something has passed it unseen.
struct wire *lo_wire(struct host *h, bool *wrong, struct err *err);

int lo_make(struct wire *w, struct err *err); // the host is there: looks from now on
void lo_free(struct lo *lo);

// Handles all that was seen; see wire_drain().
void lo_drain(struct wire *w, const struct wire_cause *cause);

// A frame that has just been logged: it has arrived already, and is over.
void lo_arrived(struct flight *f);

// What the frame came from, of what was drained after `cause`: the same, or the arrival just before
// of what it answers; `own` is room for that.
const struct wire_cause *lo_cause(const struct flight *f, const struct wire_cause *cause,
                                  struct wire_cause *own);

// Frames that were lost since they were counted last.
uint32_t lo_lost(const struct wire *w);
