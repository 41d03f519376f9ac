// Implementation of log.h.
#include "stage/log.h"

#include <string.h>

#include "base/clock.h"

void log_init(struct log *l, struct ring *ring, uint32_t snap)
{
    *l = (struct log){.ring = ring, .snap = snap};
}

int64_t log_now(const struct log *l)
{
    return l->zero_ns ? clock_now() - l->zero_ns : 0;
}

#define SPIN_NS (100 * CLOCK_MS) // spinning is told that often

static void tell_spin(struct log *l)
{
    for (struct spin_call *call; (call = spin_untold(&l->spin));) {
        struct event *e = ring_reserve(l->ring, EVENT_MAX);
        memcpy(e, call->bytes, call->event.len);
        e->id = ++l->last_id;
        e->t = call->last_ns;
        e->as.call.repeat = call->count;
        call->count = 0;
        if (!l->muted)
            ring_commit(l->ring, e->len);
    }
}

static bool again(struct log *l, const struct actor *actor, struct spin_key *key)
{
    key->actor = actor->number;
    key->line = actor->line;
    int64_t now = log_now(l);
    if (actor->op.waiting || !spin_again(&l->spin, key, now))
        return false;
    if (now - l->spin_told_ns > SPIN_NS) {
        tell_spin(l);
        l->spin_told_ns = now;
    }
    return true;
}

bool log_again(struct log *l, const struct actor *actor, enum call call, uint32_t sock,
               int64_t result, int error, int64_t size)
{
    return again(l, actor,
                 &(struct spin_key){.call = call,
                                    .sock = sock,
                                    .result = result,
                                    .error = result < 0 ? (uint32_t)error : 0,
                                    .size = size});
}

bool log_again_many(struct log *l, const struct actor *actor, enum call call, int32_t fd,
                    int64_t result, const struct watched *ready, size_t count)
{
    return again(l, actor,
                 &(struct spin_key){.call = call,
                                    .fd = fd,
                                    .result = result,
                                    .size = EVENT_NONE,
                                    .ready = ready,
                                    .ready_count = count});
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
    tell_spin(l);
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
    spin_remember(&l->spin, e);
    l->spin_told_ns = e->t;
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
