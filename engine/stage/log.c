// Implementation of log.h.
#include "stage/log.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "event/fields.h"

void log_init(struct log *l, struct ring *ring, uint32_t snap)
{
    *l = (struct log){.ring = ring, .snap = snap};
}

int64_t log_now(const struct log *l)
{
    return l->zero_ns ? clock_now() - l->zero_ns : 0;
}

#define SPIN_NS (100 * CLOCK_MS) // spinning is told that often

static void flush_spin(struct log *l)
{
    struct log_spin *spin = &l->spin;
    if (!spin->count)
        return;
    struct event *e = ring_reserve(l->ring, EVENT_MAX);
    *e = spin->call;
    e->id = ++l->last_id;
    e->as.call.repeat = spin->count;
    spin->count = 0;
    spin->since_ns = e->t;
    spin->call.id = e->id;
    if (!l->muted)
        ring_commit(l->ring, e->len);
}

bool log_again(struct log *l, const struct actor *actor, enum call call, uint32_t sock,
               int64_t result, int error, int64_t size)
{
    struct log_spin *spin = &l->spin;
    const struct event_call *c = &spin->call.as.call;
    if (!spin->call.id || spin->call.id != l->last_id || spin->call.actor != actor->number ||
        spin->call.line != actor->line || c->call != call || c->sock != sock ||
        c->result != result || c->error != (result < 0 ? (uint32_t)error : 0) || c->size != size ||
        actor->op.waiting)
        return false;
    spin->count++;
    spin->call.t = log_now(l);
    if (spin->call.t - spin->since_ns > SPIN_NS)
        flush_spin(l);
    return true;
}

static bool may_spin(const struct event *e)
{
    const struct event_call *c = &e->as.call;
    return e->type == EVENT_CALL &&
           (c->error == EAGAIN || c->error == EMFILE || (c->call == CALL_RECV && c->result == 0));
}

void log_open(struct log *l)
{
    if (l->open)
        return;
    l->open = true;
    l->zero_ns = clock_now();
    if (l->opening)
        l->opening(l->opening_arg);
}

struct event *log_begin(struct log *l, enum event_type type, const struct actor *actor,
                        uint32_t host, uint64_t cause)
{
    log_open(l);
    flush_spin(l);
    struct event *e = event_init(ring_reserve(l->ring, EVENT_MAX), EVENT_MAX, type);
    e->id = ++l->last_id;
    e->t = log_now(l);
    e->host = host;
    e->cause = cause;
    if (actor) {
        e->actor = actor->number;
        e->source = actor->source;
        e->line = actor->line;
    }
    return e;
}

uint64_t log_commit(struct log *l, struct event *e)
{
    uint64_t id = e->id; // the reader may take the record away at once
    if (e->type == EVENT_PACKET)
        l->packets++;
    l->bytes += e->len;
    l->spin.call.id = 0;
    if (may_spin(e)) {
        memcpy(&l->spin.call, e, event_shapes[EVENT_CALL].size);
        l->spin.call.as.call.blocked_ns = 0;
        l->spin.since_ns = e->t;
    }
    if (!l->muted)
        ring_commit(l->ring, e->len);
    return id;
}

void log_error(struct log *l, const struct actor *actor, uint32_t host, const char *message,
               const char *where)
{
    struct event *e = log_begin(l, EVENT_ERROR, actor, host, 0);
    event_put_text(e, EVENT_MAX, &e->as.error.message, message, strlen(message));
    if (where)
        event_put_text(e, EVENT_MAX, &e->as.error.where, where, strlen(where));
    l->errors++;
    log_commit(l, e);
}
