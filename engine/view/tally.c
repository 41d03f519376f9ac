// Implementation of tally.h.
#include "view/tally.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/mem.h"

const enum tcp_state tally_order[] = {STATE_LISTEN,      STATE_SYN_SENT,  STATE_SYN_RECV,
                                      STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_FIN_WAIT2,
                                      STATE_CLOSE_WAIT,  STATE_CLOSING,   STATE_LAST_ACK,
                                      STATE_TIME_WAIT,   STATE_NONE};

struct tally_listener {
    uint32_t sock, host;
    int64_t waiting, limit;
    UT_hash_handle hh;
};

void tally_fini(struct tally *t)
{
    struct tally_listener *one = t->listeners, *next;
    HASH_CLEAR(hh, t->listeners);
    for (; one; one = next) {
        next = one->hh.next;
        free(one);
    }
    free(t->hosts);
    *t = (struct tally){0};
}

static struct tally_host *host_of(struct tally *t, const struct cast *cast, uint32_t host)
{
    if (host == 0 || host > cast->host_count)
        return NULL;
    if (t->count < cast->host_count) {
        t->hosts = mem_resize(t->hosts, cast->host_count * sizeof *t->hosts);
        memset(t->hosts + t->count, 0, (cast->host_count - t->count) * sizeof *t->hosts);
        t->count = cast->host_count;
    }
    return &t->hosts[host - 1];
}

static void note_most(struct tally_host *h)
{
    for (int i = 0; i < STATE_COUNT; i++)
        if (h->states[i] > h->most[i])
            h->most[i] = h->states[i];
}

static bool take_state(struct tally_host *h, const struct event_state *s)
{
    if (h->states[s->from] > 0)
        h->states[s->from]--;
    h->states[s->to]++;
    h->states[STATE_NONE] = h->states[STATE_CLOSE] = 0; // that is no socket any more
    note_most(h);
    return true;
}

static bool take_count(struct tally_host *h, const struct event_count *c)
{
    uint32_t now[STATE_COUNT];
    memcpy(now, c->states, sizeof now);
    now[STATE_NONE] = now[STATE_CLOSE] = 0;
    bool changed = memcmp(h->states, now, sizeof now) != 0;
    memcpy(h->states, now, sizeof now);
    note_most(h);
    return changed;
}

// The longest queue of the host's listeners.
static bool find_longest(const struct tally *t, struct tally_host *h, uint32_t host)
{
    int64_t waiting = h->waiting, limit = h->limit;
    h->waiting = h->limit = 0;
    for (const struct tally_listener *one = t->listeners; one; one = one->hh.next)
        if (one->host == host && (one->waiting > h->waiting || h->limit == 0)) {
            h->waiting = one->waiting;
            h->limit = one->limit;
        }
    h->has_waited |= h->waiting > 0;
    return h->waiting != waiting || h->limit != limit;
}

static bool take_listener(struct tally *t, struct tally_host *h, uint32_t host, uint32_t sock,
                          int64_t waiting, int64_t limit)
{
    struct tally_listener *found;
    HASH_FIND_INT(t->listeners, &sock, found);
    if (!found) {
        found = mem_new(sizeof *found);
        found->sock = sock;
        found->host = host;
        HASH_ADD_INT(t->listeners, sock, found);
    }
    found->waiting = waiting;
    found->limit = limit;
    return find_longest(t, h, host);
}

bool tally_take(struct tally *t, const struct cast *cast, const struct event *e)
{
    struct tally_host *h = host_of(t, cast, e->host);
    const struct event_state *s = &e->as.state;
    const struct event_queue *q = &e->as.queue;
    if (!h)
        return false;
    switch (e->type) {
    case EVENT_STATE:
        if (!s->conn && s->recv_q != EVENT_NONE && s->to == STATE_LISTEN)
            take_listener(t, h, e->host, s->sock, s->recv_q, s->send_q);
        else if (s->from == STATE_LISTEN)
            take_listener(t, h, e->host, s->sock, 0, 0);
        return take_state(h, s);
    case EVENT_COUNT:
        return take_count(h, &e->as.count);
    case EVENT_QUEUE:
        if (q->state != STATE_LISTEN)
            return false;
        h->refused += q->refused != REFUSED_NONE;
        return take_listener(t, h, e->host, q->sock, q->recv_q, q->send_q) || q->refused;
    default:
        return false;
    }
}
