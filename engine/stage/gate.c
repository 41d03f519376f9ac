// Implementation of gate.h.
#include "stage/gate.h"

#include <string.h>

#include "base/clock.h"
#include "stage/flight.h"
#include "stage/stage.h"

#define PACE_MIN_NS (10 * CLOCK_MS)
#define PACE_MAX_NS (60 * CLOCK_S)

static void pace_over(struct timer *t);

void gate_init(struct gate *g, struct stage *s, bool step, int64_t pace_ns)
{
    *g = (struct gate){.stage = s, .there = step || pace_ns, .pace_ns = pace_ns};
    g->mode = step ? GATE_STEP : pace_ns ? GATE_PACE : GATE_OPEN;
    g->timer.fire = pace_over;
}

bool gate_holds(const struct gate *g)
{
    return g->first;
}

// What is held for a key is told when its turn comes.
static void tell_first(struct gate *g)
{
    if (g->mode != GATE_STEP || !g->first || g->held)
        return;
    g->held = flight_log_fate(g->first, 0, FATE_HELD, "step");
    g->held_ns = clock_now();
}

// Something waits, or nothing any more.
static void settle(struct gate *g)
{
    struct timers *timers = &g->stage->timers;
    if (!g->first) {
        timer_stop(timers, &g->timer);
        timers_go_on(timers);
        return;
    }
    timers_stand(timers);
    tell_first(g);
    if (g->mode == GATE_PACE)
        timer_set(timers, &g->timer, g->passed_ns + g->pace_ns);
    else
        timer_stop(timers, &g->timer);
}

bool gate_takes(struct gate *g, struct flight *f)
{
    if (g->mode == GATE_OPEN)
        return false;
    int64_t now_ns = clock_now();
    if (g->mode == GATE_PACE && !g->first && now_ns - g->passed_ns >= g->pace_ns) {
        g->passed_ns = now_ns;
        return false;
    }
    f->next_held = NULL;
    if (g->last)
        g->last->next_held = f;
    else
        g->first = f;
    g->last = f;
    settle(g);
    return true;
}

static struct flight *take_first(struct gate *g)
{
    struct flight *f = g->first;
    g->first = f->next_held;
    if (!g->first)
        g->last = NULL;
    g->held = 0;
    g->passed_ns = clock_now();
    return f;
}

// The first goes on, `times` times.
static void let_go(struct gate *g, int times)
{
    struct flight *f = take_first(g), *second = NULL;
    if (times > 1) {
        second = flight_copy(f);
        second->fate = FATE_DUPLICATED;
        flight_start(second, f->to);
    }
    if (times == 0)
        flight_lose(f, "by the presenter");
    else
        flight_arrive(f);
    if (second)
        flight_arrive(second);
    settle(g);
}

static void pace_over(struct timer *t)
{
    let_go((struct gate *)t, 1);
}

static void open(struct gate *g)
{
    g->mode = g->pace_ns ? GATE_PACE : GATE_OPEN;
    while (g->mode == GATE_OPEN && g->first)
        let_go(g, 1);
    settle(g);
}

static void log_key(const struct gate *g, const char *key)
{
    struct event *e = log_begin(&g->stage->log, EVENT_KEY, NULL, 0, g->held);
    event_put_text(e, EVENT_MAX, &e->as.key.key, key, strlen(key));
    e->as.key.waited_ns = g->held ? clock_now() - g->held_ns : 0;
    log_commit(&g->stage->log, e);
}

static void change_pace(struct gate *g, bool faster)
{
    int64_t pace_ns = faster ? g->pace_ns * 2 / 3 : g->pace_ns * 3 / 2;
    if (pace_ns >= PACE_MIN_NS && pace_ns <= PACE_MAX_NS)
        g->pace_ns = pace_ns;
    settle(g);
}

void gate_key(struct gate *g, const char *key)
{
    bool is_space = strcmp(key, "space") == 0;
    if (!g->there)
        return;
    log_key(g, key);
    if (is_space && g->mode != GATE_STEP) {
        g->mode = GATE_STEP;
        settle(g);
    } else if (strcmp(key, "enter") == 0 && g->mode == GATE_STEP) {
        open(g);
    } else if (g->pace_ns && (*key == '+' || *key == '-')) {
        change_pace(g, *key == '+');
    } else if (g->mode == GATE_STEP && g->first && (is_space || *key == 'd' || *key == '2')) {
        let_go(g, is_space ? 1 : *key == 'd' ? 0 : 2);
    }
}

// Sequence numbers are relative, so they are compared as they are but for 4 GiB.
static bool covers(uint32_t ack, uint32_t end)
{
    return (int32_t)(ack - end) >= 0;
}

const struct flight *gate_absorbs(struct gate *g, const struct flight *copy)
{
    uint32_t end = copy->seq + copy->payload_len + (copy->flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
    for (struct flight *f = g->first; f; f = f->next_held) {
        if (!copy->conn || f->conn != copy->conn)
            continue;
        bool is_same = f->to_side == copy->to_side && f->seq == copy->seq;
        bool is_answer = f->to_side != copy->to_side && f->flags & TCP_ACK && covers(f->ack, end);
        if (is_same || is_answer) {
            f->copies++;
            return f;
        }
    }
    return NULL;
}
