// Implementation of watch.h.
#include "stage/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "stage/stage.h"

static void keep(struct watch *w, const struct watch_sample *now)
{
    for (int i = 0; i < STATE_COUNT; i++)
        if (now->states[i] > w->most[i])
            w->most[i] = now->states[i];
    if (w->count == WATCH_SAMPLES_MAX) // the last one stays the last
        w->count--;
    if (w->count == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 16;
        w->samples = mem_resize(w->samples, w->cap * sizeof *w->samples);
    }
    w->samples[w->count++] = *now;
}

static void look(struct watch *w, const struct actor *by)
{
    struct log *log = &w->host->stage->log;
    struct watch_sample now = {.t_ns = log_now(log)};
    if (host_count(w->host, now.states) != 0)
        return;
    if (w->count && memcmp(w->samples[w->count - 1].states, now.states, sizeof now.states) == 0)
        return;
    struct event *e = log_begin(log, EVENT_COUNT, by, w->host->number, 0);
    memcpy(e->as.count.states, now.states, sizeof now.states);
    log_commit(log, e);
    keep(w, &now);
}

static void look_again(struct timer *t)
{
    struct watch *w = (struct watch *)t;
    look(w, NULL);
    w->due_ns += w->every_ns;
    if (w->due_ns < clock_now()) // this machine is too slow for it
        w->due_ns = clock_now() + w->every_ns;
    timer_set(&w->host->stage->timers, t, w->due_ns);
}

struct watch *watch_new(struct host *h, int64_t every_ns, const struct actor *by)
{
    struct watch *w = mem_new(sizeof *w);
    *w = (struct watch){.timer.fire = look_again, .host = h, .every_ns = every_ns};
    LIST_INSERT_HEAD(&h->stage->watches, w, link);
    look(w, by);
    w->due_ns = clock_now() + every_ns;
    timer_set(&h->stage->timers, &w->timer, w->due_ns);
    return w;
}

void watch_stop(struct watch *w)
{
    timer_stop(&w->host->stage->timers, &w->timer);
}

void watch_free(struct watch *w)
{
    watch_stop(w);
    LIST_REMOVE(w, link);
    free(w->samples);
    free(w);
}
