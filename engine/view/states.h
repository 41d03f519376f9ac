// states: how many TCP sockets each host has in each state, as it changes: what `watch ss -s` would
// be if it knew hosts.
//
// On a terminal one table, drawn over itself, below what the scene says; elsewhere a line for each
// change. Pure: events in, text out.
#pragma once

#include "base/buf.h"
#include "event/event.h"
#include "view/options.h"

struct states_view;

struct states_view *states_view_new(const struct view_options *options);
void states_view_free(struct states_view *v); // may be NULL
void states_view_resize(struct states_view *v, size_t width, size_t height);

void states_view_event(struct states_view *v, const struct event *e, struct buf *out);

// The table as it is now, over the one before; nothing if that is the same. To be called a few
// times a second, and when nothing more happens for the moment.
void states_view_show(struct states_view *v, struct buf *out);

// Something else was written below the table: the next one comes below that.
void states_view_leave(struct states_view *v);
