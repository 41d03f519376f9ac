// Implementation of call.h.
#include "stage/call.h"

#include <errno.h>

#include "base/clock.h"
#include "stage/stage.h"

void call_take_earlier(const struct sock *s)
{
    wire_drain(s->host, NULL);
}

struct event *call_begin(const struct sock *s, const struct actor *a, enum call call,
                         int64_t result, int error)
{
    struct event *e = log_begin(&s->stage->log, EVENT_CALL, a, s->host->number, 0);
    struct event_call *c = &e->as.call;
    c->call = call;
    c->fd = s->shown_fd;
    c->sock = s->number;
    c->conn = s->conn ? s->conn->number : 0;
    c->result = result;
    c->error = result < 0 ? (uint32_t)error : 0;
    return e;
}

void call_unblocked(struct event *e, struct actor *a)
{
    e->op = a->op.id;
    if (a->op.waiting)
        e->as.call.blocked_ns = clock_now() - a->op.since_ns;
    a->op.waiting = false;
}

// The state of the connection, at both ends if nothing lies between them.
static void observe(const struct sock *s, const struct actor *a, uint64_t cause)
{
    conn_observe(s->conn, s->side, a, cause);
    if (conn_is_local(s->conn))
        conn_observe(s->conn, !s->side, NULL, cause);
}

void call_done(struct sock *s, struct event *e, const struct actor *a, bool changes_state)
{
    const struct event_call *c = &e->as.call;
    struct wire_cause cause = {.call = true,
                               .conn = s->conn,
                               .listener = s->local,
                               .datagram = s->kind != SOCKET_TCP && c->result >= 0 &&
                                           (c->call == CALL_SEND || c->call == CALL_SENDTO),
                               .raw = s->kind == SOCKET_RAW};
    cause.id = log_commit(&s->stage->log, e);
    if (s->conn)
        observe_moved(&s->conn->end[s->side], a, cause.id);
    if (s->conn && (changes_state || s->conn->end[!s->side].closing))
        observe(s, a, cause.id);
    wire_drain(s->host, &cause);
}

void call_block(struct sock *s, struct actor *a, enum call call, int error, int64_t size,
                const struct addr *to)
{
    if (a->op.waiting) {
        errno = EAGAIN;
        return;
    }
    struct event *e = log_begin(&s->stage->log, EVENT_BLOCKED, a, s->host->number, 0);
    struct event_blocked *b = &e->as.blocked;
    b->call = call;
    b->fd = s->shown_fd;
    b->sock = s->number;
    b->conn = s->conn ? s->conn->number : 0;
    b->size = size;
    if (to)
        b->address = *to;
    a->op.since_ns = clock_now();
    if (!a->op.id) {
        a->op.id = e->id;
        a->op.began_ns = a->op.since_ns;
    }
    e->op = a->op.id;
    a->op.waiting = true;
    a->op.error = error;
    struct wire_cause cause = {.id = log_commit(&s->stage->log, e), .call = true, .conn = s->conn};
    if (call == CALL_CLOSE)
        observe(s, a, cause.id);
    if (s->connecting)
        conn_observe(s->conn, s->side, a, cause.id);
    if (s->connecting && conn_is_local(s->conn)) // the SYN has arrived already
        conn_arrived(s->conn, !s->side, TCP_SYN, cause.id);
    wire_drain(s->host, &cause);
    errno = EAGAIN;
}
