// poll: poll(2) and select(2) on sockets of one host.
//
// The call is made for real, with no time (many.h). While it would sleep, the set has a wait at
// each of its sockets, and the actor one at the set: a socket that may have become ready wakes the
// set, and the call is made again.
//
// A set is made for one operation of the script. Its memory is the caller's (poll_set_size()); its
// sockets must live as long as it. A socket that is closed meanwhile is left out from then on: the
// kernel's own call holds on to it and says nothing of it either.
#pragma once

#include "stage/many.h"
#include "stage/sock.h"

#define POLL_SELECT_MAX 1024 // descriptors that an fd_set of libc has bits for (FD_SETSIZE)

struct poll_entry {
    struct wait waits[WAIT_WAYS]; // first: waits give it back by address
    struct poll_set *set;
    struct sock *sock;     // (borrowed)
    uint32_t wants, ready; // WATCH_…
};

struct poll_set {
    struct many_asked asked;
    struct ready_source any; // woken when one of them may be ready
    size_t count;
    struct poll_entry entries[];
};

size_t poll_set_size(size_t most);

// `call` is CALL_POLL or CALL_SELECT, `timeout_ns` its limit, EVENT_NONE: none.
void poll_set_init(struct poll_set *p, struct host *h, enum call call, int64_t timeout_ns);

void poll_set_add(struct poll_set *p, struct sock *s, uint32_t wants);

// Makes the call; afterwards each entry says what it is ready for. What it returns, or -1 with
// errno; with EAGAIN and actor->op.waiting if it has to wait, which it does only if it `may_wait`.
// *spins: the same came before, and was only counted.
int poll_call(struct poll_set *p, struct actor *a, bool may_wait, bool *spins);

void poll_arm(struct poll_set *p);  // from here on `any` is woken
void poll_rest(struct poll_set *p); // no more; the last thing for every set
