// call: how a system call on a socket becomes events.
//
// The one who makes the call: call_take_earlier(), the call itself, call_begin(), fill the event,
// call_done(). If a blocking socket would sleep in it, call_block() instead.
#pragma once

#include "event/event.h"
#include "stage/actor.h"

struct sock;

// What timers of the kernel have sent by now was not caused by the call that follows.
void call_take_earlier(const struct sock *s);

// A `call` event with what all calls have; the caller adds the rest and ends it with call_done().
struct event *call_begin(const struct sock *s, const struct actor *a, enum call call,
                         int64_t result, int error);

// Adds that the operation had to wait, if it had.
void call_unblocked(struct event *e, struct actor *a);

// Commits the call, asks for the state it may have changed, and takes the packets it caused.
void call_done(struct sock *s, struct event *e, const struct actor *a, bool changes_state);

// Where a blocking socket would sleep, as the kernel told by `error`: says so once an operation,
// and takes the packets caused so far. errno is EAGAIN afterwards. `to` may be NULL.
void call_block(struct sock *s, struct actor *a, enum call call, int error, int64_t size,
                const struct addr *to);
