// log: every event as one line with all that is known about it, to be read closely.
//
//     #12     0.020413  server    SYN ACK client:40312 …           ← #11
//
// Number, seconds, host, words, then actor, line of the script and cause. A line longer than the
// page goes on below, indented.
#pragma once

#include "base/buf.h"
#include "event/event.h"
#include "view/options.h"

struct log_view;

struct log_view *log_view_new(const struct view_options *options);
void log_view_free(struct log_view *l); // may be NULL

void log_view_resize(struct log_view *l, size_t width);

// Appends the line of the event.
void log_view_event(struct log_view *l, const struct event *e, struct buf *out);
