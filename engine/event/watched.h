// watched: the descriptors that a call waits on, as text.
#pragma once

#include "base/buf.h"
#include "event/event.h"

// "3, 4, 5 write" as arguments, where reading goes without saying; "4 read, 5 read+hangup" as what
// was found. Elements [from, from + most) of the span; blanks within one are no-break blanks.
void watched_put(struct buf *out, const struct event *e, struct span span, bool found, size_t from,
                 size_t most);

size_t watched_count(struct span span);
