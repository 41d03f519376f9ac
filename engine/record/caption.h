// caption: one event as a short line of English, for the comments of a capture file.
#pragma once

#include "base/buf.h"
#include "event/cast.h"
#include "event/event.h"

// A `call` or `blocked` event: "send(5000) = 5000 by server/1, line 9". `file` is where the line
// counts, NULL: the scene itself. All of these append.
void caption_call(struct buf *text, const struct event *e, const struct cast *cast,
                  const char *file);

// The note of a `packet` event: "retransmission of frame 12 (rto)"; nothing if it has none. `of` is
// the number in the file of the packet that its note refers to, 0: not known.
void caption_note(struct buf *text, const struct event *e, uint64_t of);

// A `busy` event: "server computes for 2 s".
void caption_busy(struct buf *text, const struct event *e, const struct cast *cast);

// A `rule` event: "client-server: drop data, nth 3", "client-server: cut has ended".
void caption_rule(struct buf *text, const struct event *e, const struct cast *cast);

// The fate in an `arrive` event, "dropped: queue full"; nothing if it was delivered.
void caption_fate(struct buf *text, const struct event *e);
