// Implementation of epoll.h.
#include "stage/epoll.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/mem.h"
#include "stage/stage.h"

static struct event *begin(const struct epoll *ep, struct host *h, const struct actor *a,
                           enum call call, int result, int error)
{
    struct event *e = log_begin(&h->stage->log, EVENT_CALL, a, h->number, 0);
    e->as.call.call = call;
    e->as.call.fd = ep ? ep->shown_fd : EVENT_NONE;
    e->as.call.result = result;
    e->as.call.error = result < 0 ? (uint32_t)error : 0;
    return e;
}

struct epoll *epoll_open(struct host *h, const struct actor *a, uint32_t flags)
{
    host_limit_begin(h);
    int fd = epoll_create1(EPOLL_CLOEXEC), error = errno;
    host_limit_end(h);
    struct epoll *ep = NULL;
    if (fd >= 0) {
        ep = mem_new(sizeof *ep);
        *ep = (struct epoll){
            .host = h, .fd = fd, .shown_fd = host_take_descriptor(h), .flags = flags};
        ready_source_init(&ep->ready);
        LIST_INSERT_HEAD(&h->stage->epolls, ep, link);
    }
    // The descriptor is the result.
    struct event *e = begin(NULL, h, a, CALL_EPOLL_CREATE1, ep ? ep->shown_fd : -1, error);
    log_commit(&h->stage->log, e);
    errno = error;
    return ep;
}

static void let_go(struct epoll *ep)
{
    ready_source_gone(&ep->ready);
    close(ep->fd);
    ep->fd = -1;
    host_give_descriptor(ep->host, ep->shown_fd);
}

void epoll_close(struct epoll *ep, const struct actor *a)
{
    struct event *e = begin(ep, ep->host, a, CALL_CLOSE, 0, 0);
    let_go(ep);
    log_commit(&ep->host->stage->log, e);
}

void epoll_free(struct epoll *ep)
{
    if (!ep)
        return;
    if (ep->fd >= 0)
        let_go(ep);
    LIST_REMOVE(ep, link);
    free(ep);
}

static const char *operation_name(int operation)
{
    return operation == EPOLL_CTL_ADD   ? "EPOLL_CTL_ADD"
           : operation == EPOLL_CTL_MOD ? "EPOLL_CTL_MOD"
                                        : "EPOLL_CTL_DEL";
}

int epoll_control(struct epoll *ep, const struct actor *a, int operation, struct sock *s,
                  uint32_t what)
{
    const char *name = operation_name(operation);
    what = operation == EPOLL_CTL_DEL ? 0 : what | ep->flags;
    struct epoll_event wanted = {
        .events = (what & WATCH_READ ? EPOLLIN : 0u) | (what & WATCH_WRITE ? EPOLLOUT : 0u) |
                  (what & WATCH_EDGE ? EPOLLET : 0u) | (what & WATCH_ONESHOT ? EPOLLONESHOT : 0u),
        .data.ptr = s};
    struct watched watched = many_watched(s, what);
    int result = epoll_ctl(ep->fd, operation, s->fd, &wanted), error = errno;
    struct event *e = begin(ep, ep->host, a, CALL_EPOLL_CTL, result, error);
    event_put_plain(e, EVENT_MAX, &e->as.call.option, name, strlen(name));
    event_put_plain(e, EVENT_MAX, &e->as.call.watches, &watched, sizeof watched);
    log_commit(&ep->host->stage->log, e);
    errno = error;
    return result;
}

int epoll_look(struct epoll *ep, struct actor *a, int64_t timeout_ns, bool may_wait,
               struct epoll_found found[EPOLL_MOST], bool *spins)
{
    struct many_asked asked = {
        .host = ep->host, .call = CALL_EPOLL_WAIT, .fd = ep->shown_fd, .timeout_ns = timeout_ns};
    struct many_found told = {.count = 0};
    struct epoll_event events[EPOLL_MOST];
    wire_drain(ep->host, NULL);
    int result = epoll_wait(ep->fd, events, EPOLL_MOST, 0), error = errno;
    if (result == 0 && may_wait) {
        many_block(&asked, a);
        return -1;
    }
    for (int i = 0; i < result; i++) {
        uint32_t bits = events[i].events;
        found[i].sock = events[i].data.ptr;
        found[i].what = (bits & EPOLLIN ? WATCH_READ : 0) | (bits & EPOLLOUT ? WATCH_WRITE : 0) |
                        (bits & EPOLLHUP ? WATCH_HANGUP : 0) | (bits & EPOLLERR ? WATCH_ERROR : 0);
        many_find(&told, found[i].sock, found[i].what, ep->flags & WATCH_EDGE);
    }
    *spins = !many_log(&asked, a, result, error, &told);
    errno = error;
    return result;
}
