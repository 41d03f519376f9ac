// Implementation of observe.h.
#include "stage/observe.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "kernel/diag.h"
#include "stage/stage.h"

// More than the 40 ms by which Linux delays an ACK: that is no pause.
#define TICK_NS (50 * CLOCK_MS)
#define IDLE_TICKS 2 // the first may come right after the traffic
// One look takes 3 µs; those that are left over come soon after.
#define LOOKS_PER_TICK 200
#define REST_NS (2 * CLOCK_MS)

static struct observe *of(const struct conn_end *end)
{
    return &end->conn->stage->observe;
}

void observe_told(struct conn_end *end, const struct diag_socket *now)
{
    end->told.recv_q = now->recv_q;
    end->told.send_q = now->send_q;
}

static void log_queue(struct conn_end *end, const struct diag_socket *now,
                      const struct actor *actor, uint64_t cause)
{
    struct log *log = &end->conn->stage->log;
    struct event *e = log_begin(log, EVENT_QUEUE, actor, end->host->number, cause);
    e->as.queue = (struct event_queue){
        .sock = end->sock ? end->sock->number : 0,
        .conn = end->conn->number,
        .local = end->address,
        .peer = end->peer,
        .state = now->state,
        .recv_q = now->recv_q,
        .send_q = now->send_q,
        .timer = now->timer,
        .expires_ns = now->expires_ns,
        .retransmits = now->retransmits,
    };
    observe_told(end, now);
    log_commit(log, e);
}

// `always`: also if they have not changed, since the timer has.
static void look_at_queues(struct conn_end *end, const struct actor *actor, uint64_t cause,
                           bool always)
{
    struct diag_socket now;
    if (host_diag(end->host, &end->address, &end->peer, &now) != 0)
        return;
    if (now.state != end->state) { // that event tells the queues too
        conn_observe(end->conn, (int)(end - end->conn->end), actor, cause);
        return;
    }
    if (always || now.recv_q != end->told.recv_q || now.send_q != end->told.send_q)
        log_queue(end, &now, actor, cause);
    if (now.retransmits) // the last of them ends the socket without a word
        conn_recheck(end, now.expires_ns);
}

// Whether they differ in more than what runs on by itself.
static bool figures_differ(const struct event_tcp *a, const struct event_tcp *b)
{
    return memcmp(a, b, offsetof(struct event_tcp, pacing_rate)) != 0;
}

static void look_at_figures(struct conn_end *end, const struct actor *actor, uint64_t cause)
{
    struct event_tcp now = {.sock = end->sock ? end->sock->number : 0,
                            .conn = end->conn->number,
                            .local = end->address,
                            .peer = end->peer};
    if (host_figures(end->host, &end->address, &end->peer, &now) != 0)
        return;
    if (!end->figures)
        end->figures = mem_new(sizeof *end->figures);
    if (!figures_differ(end->figures, &now))
        return;
    *end->figures = now;
    struct log *log = &end->conn->stage->log;
    struct event *e = log_begin(log, EVENT_TCP, actor, end->host->number, cause);
    e->as.tcp = now;
    log_commit(log, e);
}

static bool is_alive(const struct conn_end *end)
{
    return end->host && end->state != STATE_CLOSE && end->state != STATE_TIME_WAIT;
}

static void look(struct conn_end *end, const struct actor *actor, uint64_t cause, bool always)
{
    if (of(end)->nothing || !is_alive(end))
        return;
    look_at_queues(end, actor, cause, always);
    if (end->closely & OBSERVE_FIGURES)
        look_at_figures(end, actor, cause);
}

void observe_now(struct conn_end *end, const struct actor *actor, uint64_t cause)
{
    look(end, actor, cause, false);
}

void observe_timer(struct conn_end *end, uint64_t cause)
{
    look(end, NULL, cause, true);
}

// Whether anything can be there: our own sockets have nothing to be acknowledged or read when the
// scene's calls and the packets say so.
static bool may_hold_bytes(const struct conn_end *end)
{
    return !end->sock || end->sends.count || end->deliveries.count || end->told.recv_q ||
           end->told.send_q;
}

static void tick(struct timer *t)
{
    struct observe *o = (struct observe *)((char *)t - offsetof(struct observe, tick));
    struct stage *s = (struct stage *)((char *)o - offsetof(struct stage, observe));
    unsigned looks = 0;
    struct conn_end *end, *next;
    for (end = TAILQ_FIRST(&o->active); end && looks < LOOKS_PER_TICK; end = next) {
        next = TAILQ_NEXT(end, active_link);
        end->idle = end->conn->in_flight ? 0 : end->idle + 1;
        if (end->idle < IDLE_TICKS)
            continue;
        TAILQ_REMOVE(&o->active, end, active_link);
        end->active = false;
        if (!is_alive(end) || !may_hold_bytes(end))
            continue;
        observe_now(end, NULL, 0);
        looks++;
    }
    if (!TAILQ_EMPTY(&o->active))
        timer_set(&s->timers, t, clock_now() + (end ? REST_NS : TICK_NS));
}

void observe_init(struct observe *o)
{
    *o = (struct observe){.tick.fire = tick};
    TAILQ_INIT(&o->active);
}

void observe_closely(struct conn_end *end, unsigned closely)
{
    end->closely = closely;
}

void observe_activate(struct conn_end *end)
{
    struct observe *o = of(end);
    if (o->nothing)
        return;
    if (TAILQ_EMPTY(&o->active))
        timer_set(&end->conn->stage->timers, &o->tick, clock_now() + TICK_NS);
    TAILQ_INSERT_TAIL(&o->active, end, active_link);
    end->active = true;
}

void observe_listener(struct sock *s)
{
    int64_t waiting = 0, limit = 0;
    sock_queues(s, &waiting, &limit);
    s->waiting = (uint32_t)waiting;
    s->limit = (uint32_t)limit;
    if (!s->listening)
        LIST_INSERT_HEAD(&s->host->listeners, s, listener_link);
    s->listening = true;
}

void observe_listener_gone(struct sock *s)
{
    if (s->listening)
        LIST_REMOVE(s, listener_link);
    s->listening = false;
}

static bool listens_on(const struct sock *s, const struct addr *local)
{
    static const uint8_t any[16];
    return s->local.port == local->port &&
           (memcmp(s->local.bytes, any, 16) == 0 || memcmp(s->local.bytes, local->bytes, 16) == 0);
}

static struct event *begin_listener(struct host *h, const struct addr *local, uint32_t sock,
                                    const struct actor *actor, uint64_t cause)
{
    struct event *e = log_begin(&h->stage->log, EVENT_QUEUE, actor, h->number, cause);
    e->as.queue.sock = sock;
    e->as.queue.local = *local;
    e->as.queue.state = STATE_LISTEN;
    return e;
}

void observe_accept_queue(struct host *h, const struct addr *local, const struct actor *actor,
                          uint64_t cause)
{
    struct sock *s;
    if (h->stage->observe.nothing)
        return;
    LIST_FOREACH(s, &h->listeners, listener_link)
    {
        int64_t waiting, limit;
        if (!listens_on(s, local) || sock_queues(s, &waiting, &limit) != 0 ||
            (waiting == s->waiting && limit == s->limit))
            continue;
        struct event *e = begin_listener(h, &s->local, s->number, actor, cause);
        e->as.queue.recv_q = s->waiting = (uint32_t)waiting;
        e->as.queue.send_q = s->limit = (uint32_t)limit;
        log_commit(&h->stage->log, e);
    }
}

// The listener for that address, of the scene or of a program; with several (SO_REUSEPORT) one that
// is full.
static bool find_listener(struct host *h, const struct addr *local, struct diag_socket *found,
                          uint32_t *number)
{
    const struct sock *s;
    *number = 0;
    LIST_FOREACH(s, &h->listeners, listener_link)
    {
        int64_t waiting, limit;
        if (!listens_on(s, local) || sock_queues(s, &waiting, &limit) != 0)
            continue;
        *number = s->number;
        found->recv_q = (uint32_t)waiting;
        found->send_q = (uint32_t)limit;
        if (waiting > limit)
            return true;
    }
    return *number || (host_listener(h, local, found) == 0 && found->state == STATE_LISTEN);
}

void observe_refusal(struct conn_end *end, enum refused what, uint64_t cause)
{
    struct host *h = end->host;
    struct diag_socket found;
    uint32_t number, overflows, drops;
    if (of(end)->nothing || !h || !find_listener(h, &end->address, &found, &number) ||
        !host_overflow(h, &overflows, &drops))
        return;
    struct event *e = begin_listener(h, &end->address, number, NULL, cause);
    e->as.queue.conn = end->conn->number;
    e->as.queue.peer = end->peer;
    e->as.queue.recv_q = found.recv_q;
    e->as.queue.send_q = found.send_q;
    e->as.queue.refused = what;
    e->as.queue.overflows = overflows;
    e->as.queue.drops = drops;
    log_commit(&h->stage->log, e);
}
