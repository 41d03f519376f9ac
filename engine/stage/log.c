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

struct event *log_begin(struct log *l, enum event_type type, const struct actor *actor, uint32_t host,
                        uint64_t cause)
{
    if (!l->open) {
        l->open = true;
        l->zero_ns = clock_now();
        if (l->opening)
            l->opening(l->opening_arg);
    }
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
    if (!l->muted)
        ring_commit(l->ring, e->len);
    return id;
}

void log_error(struct log *l, const struct actor *actor, uint32_t host, const char *message, const char *where)
{
    struct event *e = log_begin(l, EVENT_ERROR, actor, host, 0);
    event_put_text(e, EVENT_MAX, &e->as.error.message, message, strlen(message));
    if (where)
        event_put_text(e, EVENT_MAX, &e->as.error.where, where, strlen(where));
    l->errors++;
    log_commit(l, e);
}
