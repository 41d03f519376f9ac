// Implementation of ready.h.
#include "stage/ready.h"

#include <sys/epoll.h>
#include <unistd.h>

int ready_init(struct ready *r, struct timers *timers)
{
    *r = (struct ready){.epoll = epoll_create1(EPOLL_CLOEXEC), .timers = timers};
    return r->epoll < 0 ? -1 : 0;
}

void ready_fini(struct ready *r)
{
    if (r->epoll >= 0)
        close(r->epoll);
    r->epoll = -1;
}

void ready_source_init(struct ready_source *s)
{
    s->registered = 0;
    TAILQ_INIT(&s->waits[WAIT_READ]);
    TAILQ_INIT(&s->waits[WAIT_WRITE]);
}

void wait_stop(struct wait *w)
{
    if (!w->armed)
        return;
    w->armed = 0;
    timer_stop(w->ready->timers, &w->timer);
    if (w->source)
        TAILQ_REMOVE(&w->source->waits[w->way], w, link);
}

static void end(struct wait *w, enum wait_result result)
{
    wait_stop(w);
    w->done(w, result);
}

static void time_out(struct timer *t)
{
    end((struct wait *)t, WAIT_TIMEOUT);
}

// Those woken only queue themselves: none waits again before this returns.
static void wake(struct wait_list *list, enum wait_result result)
{
    for (struct wait *w; (w = TAILQ_FIRST(list));)
        end(w, result);
}

void ready_source_wake(struct ready_source *s)
{
    wake(&s->waits[WAIT_READ], WAIT_READY);
}

void ready_source_gone(struct ready_source *s)
{
    wake(&s->waits[WAIT_READ], WAIT_GONE);
    wake(&s->waits[WAIT_WRITE], WAIT_GONE);
}

void ready_wait(struct ready *r, struct wait *w, struct ready_source *source, int fd,
                enum wait_for way, int64_t deadline_ns,
                void (*done)(struct wait *, enum wait_result))
{
    w->ready = r;
    w->source = source;
    w->way = way;
    w->done = done;
    w->armed = 1;
    w->timer.fire = time_out;
    if (deadline_ns != WAIT_FOREVER)
        timer_set_scene(r->timers, &w->timer, deadline_ns);
    if (!source)
        return;
    TAILQ_INSERT_TAIL(&source->waits[way], w, link);
    if (fd >= 0 && !source->registered) {
        struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = source};
        source->registered = epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
    }
}

void ready_poll(struct ready *r)
{
    struct epoll_event events[64];
    int n = epoll_wait(r->epoll, events, 64, 0);
    for (int i = 0; i < n; i++) {
        struct ready_source *s = events[i].data.ptr;
        if (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
            wake(&s->waits[WAIT_READ], WAIT_READY);
        if (events[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
            wake(&s->waits[WAIT_WRITE], WAIT_READY);
    }
}
