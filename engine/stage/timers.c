// Implementation of timers.h.
#include "stage/timers.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

int timers_init(struct timers *t)
{
    *t = (struct timers){.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    return t->fd < 0 ? -1 : 0;
}

void timers_fini(struct timers *t)
{
    heap_fini(&t->heap);
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
}

void timer_set(struct timers *t, struct timer *timer, int64_t due_ns)
{
    heap_remove(&t->heap, &timer->entry);
    heap_push(&t->heap, &timer->entry, due_ns);
}

void timer_stop(struct timers *t, struct timer *timer)
{
    heap_remove(&t->heap, &timer->entry);
}

int64_t timers_run(struct timers *t, int most)
{
    int64_t latest = -1;
    struct heap_entry *first;
    while (most-- > 0 && (first = heap_first(&t->heap))) {
        int64_t late = clock_now() - first->due_ns;
        if (late < 0)
            break;
        if (late > latest)
            latest = late;
        heap_remove(&t->heap, first);
        struct timer *timer = (struct timer *)first; // entry is its first member
        timer->fire(timer);
    }
    return latest;
}

bool timers_due(const struct timers *t)
{
    const struct heap_entry *first = heap_first(&t->heap);
    return first && first->due_ns <= clock_now();
}

void timers_arm(struct timers *t)
{
    const struct heap_entry *first = heap_first(&t->heap);
    int64_t due = first ? first->due_ns : 0;
    if (due == t->armed_ns)
        return;
    struct itimerspec when = {.it_value = {due / CLOCK_S, due % CLOCK_S}};
    timerfd_settime(t->fd, TFD_TIMER_ABSTIME, &when, NULL);
    t->armed_ns = due;
}
