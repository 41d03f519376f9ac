// Implementation of spin.h.
#include "stage/spin.h"

#include <errno.h>
#include <string.h>

void spin_forget(struct spin *s)
{
    s->count = 0;
    s->round = false;
}

static bool may_spin(const struct event *e)
{
    const struct event_call *c = &e->as.call;
    switch (c->call) {
    case CALL_POLL:
    case CALL_SELECT:
    case CALL_EPOLL_WAIT:
        return e->len <= SPIN_BYTES;
    default:
        return c->error == EAGAIN || c->error == EMFILE || (c->call == CALL_RECV && c->result == 0);
    }
}

void spin_remember(struct spin *s, const struct event *e)
{
    if (s->round || e->type != EVENT_CALL || !may_spin(e))
        spin_forget(s);
    if (e->type != EVENT_CALL || !may_spin(e))
        return;
    if (s->count == SPIN_CALLS)
        memmove(&s->calls[0], &s->calls[1], --s->count * sizeof s->calls[0]);
    struct spin_call *call = &s->calls[s->count++];
    memcpy(call->bytes, e, e->len);
    call->event.as.call.blocked_ns = 0;
    call->count = 0;
    call->last_ns = e->t;
}

static bool is(const struct event *e, const struct spin_key *key)
{
    const struct event_call *c = &e->as.call;
    size_t ready_len = key->ready_count * sizeof *key->ready;
    return e->actor == key->actor && e->line == key->line && c->call == key->call &&
           c->sock == key->sock && (c->sock || c->fd == key->fd) && c->result == key->result &&
           c->error == key->error && c->size == key->size && c->ready.len == ready_len &&
           (!ready_len || memcmp(event_bytes(e, c->ready), key->ready, ready_len) == 0);
}

bool spin_again(struct spin *s, const struct spin_key *key, int64_t now_ns)
{
    for (unsigned i = s->count; i > 0 && !s->round; i--)
        if (is(&s->calls[i - 1].event, key)) {
            s->round = true;
            s->first = s->next = i - 1;
        }
    if (!s->round || !is(&s->calls[s->next].event, key))
        return false;
    struct spin_call *call = &s->calls[s->next];
    call->count++;
    call->last_ns = now_ns;
    s->next = s->next + 1 < s->count ? s->next + 1 : s->first;
    return true;
}

struct spin_call *spin_untold(struct spin *s)
{
    struct spin_call *oldest = NULL;
    for (unsigned i = 0; i < s->count; i++) {
        struct spin_call *call = &s->calls[i];
        if (call->count && (!oldest || call->last_ns < oldest->last_ns))
            oldest = call;
    }
    return oldest;
}
