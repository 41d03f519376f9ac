// ladder: the picture of a scene as it happens, for a terminal, row by row.
//
// Pure: events in, text out. Each event gives its rows at once, and no row is changed later.
//
//              client ●──────── 20 ms ────────● server
//   connect(…) blocks ┊                       │          dotted: all who act on the host wait in
//   calls
//                     ├─ SYN mss 1460 ───╮    │          a packet leaves,
//                     ┊                  │    │          is on the wire,
//                     ┊                  ╰───►│          and arrives (or ends in ✗)
//
// Long runs of like segments are told in one row (fold.h). With more hosts than fit, the last lane
// is shared (lane.h).
#pragma once

#include "base/buf.h"
#include "event/event.h"
#include "view/options.h"

struct ladder;

struct ladder *ladder_new(const struct view_options *options);
void ladder_free(struct ladder *l); // may be NULL

void ladder_resize(struct ladder *l, size_t width); // for the rows from now on

// Appends the rows of the event, whole lines.
void ladder_event(struct ladder *l, const struct event *e, struct buf *out);
