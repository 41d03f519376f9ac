// sink: where events go: a view on standard output, files by their ending.
#pragma once

#include <stdbool.h>

#include "event/event.h"
#include "view/options.h"

enum sink_form { SINK_LADDER, SINK_LOG, SINK_STATES, SINK_JSON, SINK_PCAPNG };

struct sink;

// What a path asks for by its ending; -1 with a sentence if it is none of ours.
int sink_form_of(const char *path, enum sink_form *form, struct err *err);

// Opens a file by its ending, or standard output for "-" (as pcapng). NULL with a sentence.
struct sink *sink_open(const char *path, uint32_t snap, struct err *err);

// A view on standard output.
struct sink *sink_view(enum sink_form form, const struct view_options *options);

void sink_resize(struct sink *s, size_t width,
                 size_t height); // a view: for what comes from now on
void sink_event(struct sink *s, const struct event *e);

// A view that is drawn over itself: whether it is one; draws it as it is now; somebody else has
// written below it.
bool sink_redraws(const struct sink *s);
void sink_redraw(struct sink *s);
void sink_leave(struct sink *s);

// Writes what has gathered, as far as that goes without waiting for who reads it. false: something
// is left, call again when sink_fd() can be written to.
bool sink_flush(struct sink *s);
void sink_end(struct sink *s);     // no more events come; then flush
void sink_abandon(struct sink *s); // what is left is not written any more
int sink_fd(const struct sink *s);

// Once writing has failed nothing more is written, and this says why; NULL if it has not, or if
// only the reader of a pipe has gone.
const char *sink_trouble(const struct sink *s);
void sink_close(struct sink *s);
