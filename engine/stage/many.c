// Implementation of many.h.
#include "stage/many.h"

#include <errno.h>

#include "base/clock.h"
#include "stage/call.h"
#include "stage/stage.h"

#define UNACCEPTED_LOOK 64 // so many of the newest connections may be what a listener is ready for

struct watched many_watched(const struct sock *s, uint32_t what)
{
    return (struct watched){s->shown_fd, s->number, s->conn ? s->conn->number : 0, what};
}

static void add_cause(struct many_found *f, uint64_t packet)
{
    if (packet && f->cause_count < EVENT_WATCHED)
        f->causes[f->cause_count++] = packet;
}

// A connection that waits in the accept queue.
static bool is_unaccepted(const struct conn *c, const struct sock *listener)
{
    const struct conn_end *end = &c->end[1];
    return end->host == listener->host && end->address.port == listener->local.port && !end->sock &&
           (end->state == STATE_ESTABLISHED || end->state == STATE_CLOSE_WAIT);
}

static void find_opened(struct many_found *f, const struct sock *listener)
{
    const struct conns *all = &listener->stage->conns;
    uint32_t i = all->count > UNACCEPTED_LOOK ? all->count - UNACCEPTED_LOOK : 0;
    for (; i < all->count; i++)
        if (is_unaccepted(all->all[i], listener))
            add_cause(f, all->all[i]->end[1].opened);
}

static void find_bytes(struct many_found *f, const struct conn_end *end, bool newest)
{
    uint64_t ids[EVENT_WATCHED];
    size_t count = ranges_find(&end->deliveries, end->read, UINT64_MAX, ids, EVENT_WATCHED);
    for (size_t i = newest && count ? count - 1 : 0; i < count; i++)
        add_cause(f, ids[i]);
}

static void find_datagrams(struct many_found *f, const struct datagrams *d, bool newest)
{
    uint64_t ids[EVENT_WATCHED];
    size_t count = datagrams_waiting(d, ids, EVENT_WATCHED);
    for (size_t i = newest && count ? count - 1 : 0; i < count; i++)
        add_cause(f, ids[i]);
}

// The packets behind it, as far as they are known.
static void find_causes(struct many_found *f, const struct sock *s, uint32_t what, bool newest)
{
    if (s->state == STATE_LISTEN)
        find_opened(f, s);
    if (s->datagrams && what & WATCH_READ)
        find_datagrams(f, s->datagrams, newest);
    if (s->datagrams && what & WATCH_ERROR)
        add_cause(f, s->datagrams->error);
    if (!s->conn)
        return;
    const struct conn_end *end = &s->conn->end[s->side];
    if (what & WATCH_READ)
        find_bytes(f, end, newest);
    if (what & (WATCH_READ | WATCH_HANGUP | WATCH_ERROR))
        add_cause(f, end->shut);
    if (what & WATCH_WRITE && s->full)
        add_cause(f, end->acked);
    else if (what & WATCH_WRITE && !end->sent)
        add_cause(f, end->opened);
}

void many_find(struct many_found *f, const struct sock *s, uint32_t what, bool newest)
{
    if (f->count == EVENT_WATCHED)
        return;
    f->ready[f->count++] = many_watched(s, what);
    find_causes(f, s, what, newest);
}

void many_block(const struct many_asked *asked, struct actor *a)
{
    struct log *log = &asked->host->stage->log;
    if (!a->op.waiting) {
        struct event *e = log_begin(log, EVENT_BLOCKED, a, asked->host->number, 0);
        struct event_blocked *b = &e->as.blocked;
        b->call = asked->call;
        b->fd = asked->fd;
        b->count = asked->count;
        b->timeout_ns = asked->timeout_ns;
        event_put_plain(e, EVENT_MAX, &b->watches, asked->watches,
                        asked->watched * sizeof *asked->watches);
        a->op = (struct actor_op){.id = e->id, .since_ns = clock_now(), .waiting = true};
        e->op = e->id;
        log_commit(log, e);
    }
    errno = EAGAIN;
}

bool many_log(const struct many_asked *asked, struct actor *a, int result, int error,
              const struct many_found *found)
{
    struct log *log = &asked->host->stage->log;
    if (result >= 0 &&
        log_again_many(log, a, asked->call, asked->fd, result, found->ready, found->count))
        return false;
    struct event *e = log_begin(log, EVENT_CALL, a, asked->host->number, 0);
    struct event_call *c = &e->as.call;
    c->call = asked->call;
    c->fd = asked->fd;
    c->result = result;
    c->error = result < 0 ? (uint32_t)error : 0;
    c->count = asked->count;
    c->timeout_ns = asked->timeout_ns;
    call_unblocked(e, a);
    event_put_plain(e, EVENT_MAX, &c->watches, asked->watches,
                    asked->watched * sizeof *asked->watches);
    event_put_plain(e, EVENT_MAX, &c->ready, found->ready, found->count * sizeof *found->ready);
    event_put_plain(e, EVENT_MAX, &c->causes, found->causes,
                    found->cause_count * sizeof *found->causes);
    log_commit(log, e);
    return true;
}
