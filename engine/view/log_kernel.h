// log_kernel: the words of the log for what was seen of the kernel: states, queues, figures,
// counts.
#pragma once

#include "view/words.h"

// Of a `state`, `queue`, `tcp` or `count` event.
void log_put_kernel(const struct words *w, const struct event *e, struct buf *out);
