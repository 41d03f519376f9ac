// json: one event as one line of a recording, and back.
//
// The line is UTF-8 with its keys in fixed order (the table in fields.h), without the newline. Writing allocates
// nothing but the buffer's growth. Both need the cast: names stand where records have numbers.
#pragma once

#include "base/buf.h"
#include "event/cast.h"
#include "event/event.h"

// Appends the line. `cast` must have learned the event already.
void json_write(struct buf *line, const struct event *e, const struct cast *cast);

// Reads one line into `room` bytes at `at` (8-byte aligned), and lets the cast learn it. Unknown keys are ignored; an unknown type gives 0 with
// type EVENT_PADDING. Fails on what is no JSON, misses a needed key or has one of the wrong type.
int json_read(const char *line, size_t len, void *at, size_t room, struct cast *cast, struct err *err);
