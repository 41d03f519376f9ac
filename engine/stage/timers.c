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
    heap_fini(&t->machine);
    heap_fini(&t->scene);
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
}

void timer_stop(struct timers *t, struct timer *timer)
{
    heap_remove(timer->is_scenes ? &t->scene : &t->machine, &timer->entry);
}

void timer_set(struct timers *t, struct timer *timer, int64_t due_ns)
{
    timer_stop(t, timer);
    timer->is_scenes = false;
    heap_push(&t->machine, &timer->entry, due_ns);
}

void timer_set_scene(struct timers *t, struct timer *timer, int64_t due_ns)
{
    timer_stop(t, timer);
    timer->is_scenes = true;
    heap_push(&t->scene, &timer->entry, due_ns);
}

// The one that is due first, and when by the machine's clock; NULL: none ever is.
static struct timer *first(const struct timers *t, int64_t *due_ns)
{
    struct heap_entry *machine = heap_first(&t->machine), *scene = heap_first(&t->scene);
    if (scene && t->stands && scene->due_ns > t->stands_at_ns)
        scene = NULL;
    int64_t scene_ns = scene ? scene->due_ns + t->behind_ns : 0;
    bool takes_scene = scene && (!machine || scene_ns < machine->due_ns);
    *due_ns = takes_scene ? scene_ns : machine ? machine->due_ns : 0;
    return (struct timer *)(takes_scene ? scene : machine); // entry is its first member
}

int64_t timers_run(struct timers *t, int most)
{
    int64_t latest = -1, due_ns;
    struct timer *timer;
    while (most-- > 0 && (timer = first(t, &due_ns))) {
        int64_t late = clock_now() - due_ns;
        if (late < 0)
            break;
        if (late > latest && !t->stands)
            latest = late;
        timer_stop(t, timer);
        timer->fire(timer);
    }
    return latest;
}

bool timers_due(const struct timers *t)
{
    int64_t due_ns;
    return first(t, &due_ns) && due_ns <= clock_now();
}

void timers_arm(struct timers *t)
{
    int64_t due;
    first(t, &due);
    if (due == t->armed_ns)
        return;
    struct itimerspec when = {.it_value = {due / CLOCK_S, due % CLOCK_S}};
    timerfd_settime(t->fd, TFD_TIMER_ABSTIME, &when, NULL);
    t->armed_ns = due;
}

int64_t timers_scene_at(const struct timers *t, int64_t machine_ns)
{
    int64_t scene_ns = machine_ns - t->behind_ns;
    return t->stands && scene_ns > t->stands_at_ns ? t->stands_at_ns : scene_ns;
}

int64_t timers_scene_now(const struct timers *t)
{
    return timers_scene_at(t, clock_now());
}

void timers_stand(struct timers *t)
{
    if (t->stands)
        return;
    t->stands_at_ns = timers_scene_now(t);
    t->stands = true;
}

void timers_go_on(struct timers *t)
{
    if (!t->stands)
        return;
    t->stands = false;
    t->behind_ns = clock_now() - t->stands_at_ns;
}
