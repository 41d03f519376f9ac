// observe: what waits in the kernel's sockets, and their figures: when they are looked at and told.
//
// Theory of operation. A state is asked for where it may have changed (conn.h). Queues change with
// every segment, and to ask each time would cost as much as the segment. So:
// - An accept queue is looked at when a connection joins it or is taken from it. Where a SYN or the
//   ACK of a handshake came to nothing, the kernel's counters tell whether the queue was full.
// - Bytes in a queue tell something when they stay there. Traffic only marks its end, which costs
//   two instructions; an end that then has none for a moment, with nothing of it on the wires, is
//   looked at once. If nothing is there to be acknowledged or read, not even that.
// - At once where something stands out: a send that is not taken whole, a closed window, a
//   timer of the kernel that has run out.
// - After every call and arrival, and with the figures of TCP_INFO, where the scene asks for it.
// Only what has changed is logged.
#pragma once

#include "stage/conn.h"

struct diag_socket;
struct event_tcp;
struct stage;

enum {
    OBSERVE_QUEUES = 1, // closely: after every call and every arrival
    OBSERVE_FIGURES = 2,
};

struct observe {
    TAILQ_HEAD(, conn_end) active; // had traffic, and were not looked at since
    struct timer tick;
    unsigned closely; // OBSERVE_… of connections that are made from now on
    bool nothing;     // no queues at all, only states
};

void observe_init(struct observe *o);

// Of a connection from now on; `closely` is OBSERVE_….
void observe_closely(struct conn_end *end, unsigned closely);

void observe_activate(struct conn_end *end);
void observe_now(struct conn_end *end, const struct actor *actor, uint64_t cause);

// A timer of the kernel has run out and made it send the packet `cause`.
void observe_timer(struct conn_end *end, uint64_t cause);

// A call or an arrival, whose event is `cause`, has moved bytes of this end.
static inline void observe_moved(struct conn_end *end, const struct actor *actor, uint64_t cause)
{
    end->idle = 0;
    if (!end->active)
        observe_activate(end);
    if (end->closely)
        observe_now(end, actor, cause);
}

// What a state event said of the queues, so that it is not said again.
void observe_told(struct conn_end *end, const struct diag_socket *now);

// A listener: after listen(2), and before its descriptor is closed.
void observe_listener(struct sock *s);
void observe_listener_gone(struct sock *s);

// A connection to this address joined an accept queue, or was taken from it.
void observe_accept_queue(struct host *h, const struct addr *local, const struct actor *actor,
                          uint64_t cause);

// A SYN (or ACK) has arrived at this end, where somebody may listen, and has not made a connection.
void observe_refusal(struct conn_end *end, enum refused what, uint64_t cause);
