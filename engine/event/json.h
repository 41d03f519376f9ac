// json: one event as one line of a recording, and back.
//
// The line is UTF-8 with its keys in fixed order (the tables in fields.h), without the newline.
// Writing allocates nothing but the buffer's growth. Both need the cast: names stand where records
// have numbers.
//
// What an event introduces stands under the key under which all others speak of it: the name of a
// `host` event under "host", of a `link` event under "link", of an `actor` event under "actor". The
// reader numbers hosts by their names, and wires and actors as they come; `again` and `ended` mean
// the newest of that name. So record, line, record is the identity if hosts, wires and actors were
// numbered in that order and their names differ.
#pragma once

#include "base/buf.h"
#include "event/cast.h"
#include "event/event.h"

// Appends the line. `cast` must have learned the event already.
void json_write(struct buf *line, const struct event *e, const struct cast *cast);

// Appends the text as a string of JSON, in quotes. It must be sound UTF-8.
void json_quote(struct buf *b, const char *text, size_t len);

// Reads one line into `room` bytes at `at` (8-byte aligned), and lets the cast learn it. Unknown
// keys are ignored; an unknown type gives 0 and a record of type EVENT_PADDING. Fails on what is no
// JSON, misses a needed key, has one of the wrong type, mentions what was not introduced, or is too
// long; what it gives passes event_check.
int json_read(const char *line, size_t len, void *at, size_t room, struct cast *cast,
              struct err *err);
