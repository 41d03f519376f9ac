// Implementation of sock.h: data: send, recv, shutdown.
#include <errno.h>
#include <sys/socket.h>

#include "stage/call.h"
#include "stage/stage.h"

#define CARRIES_MAX 1024 // packets named by one recv

static size_t preview(size_t len)
{
    return len < EVENT_PREVIEW ? len : EVENT_PREVIEW;
}

ssize_t sock_send(struct sock *s, struct actor *a, const void *bytes, size_t len)
{
    call_take_earlier(s);
    ssize_t result = send(s->fd, bytes, len, MSG_NOSIGNAL);
    int error = errno;
    s->full = result < 0 && error == EAGAIN;
    if (s->full && !s->nonblocking) {
        call_block(s, a, CALL_SEND, error, (int64_t)len, NULL);
        return -1;
    }
    if (result < 0 && log_again(&s->stage->log, a, CALL_SEND, s->number, -1, error, (int64_t)len)) {
        errno = error;
        return -1;
    }
    struct event *e = call_begin(s, a, CALL_SEND, result, error);
    e->as.call.size = (int64_t)len;
    call_unblocked(e, a);
    if (result > 0) {
        event_put_plain(e, EVENT_MAX, &e->as.call.data, bytes, preview((size_t)result));
        if (s->conn) {
            struct conn_end *end = &s->conn->end[s->side];
            ranges_add(&end->sends, end->sent, end->sent + (uint64_t)result, e->id);
            end->sent += (uint64_t)result;
        }
    }
    uint64_t id = e->id;
    call_done(s, e, a, result < 0);
    if (s->conn && result >= 0 && (size_t)result < len) // the send buffer is full
        observe_now(&s->conn->end[s->side], a, id);
    errno = error;
    return result;
}

// Names the packets whose bytes a recv has returned.
static void put_carries(struct sock *s, struct event *e, uint64_t len)
{
    struct conn_end *end = &s->conn->end[s->side];
    uint64_t ids[CARRIES_MAX];
    size_t count = ranges_find(&end->deliveries, end->read, end->read + len, ids, CARRIES_MAX);
    event_put_plain(e, EVENT_MAX, &e->as.call.carries, ids, count * sizeof *ids);
    end->read += len;
    ranges_drop(&end->deliveries, end->read);
}

ssize_t sock_recv(struct sock *s, struct actor *a, void *bytes, size_t len)
{
    call_take_earlier(s);
    ssize_t result = recv(s->fd, bytes, len, 0);
    int error = errno;
    if (result < 0 && error == EAGAIN && !s->nonblocking) {
        call_block(s, a, CALL_RECV, error, (int64_t)len, NULL);
        return -1;
    }
    if (result <= 0 &&
        log_again(&s->stage->log, a, CALL_RECV, s->number, result, error, (int64_t)len)) {
        errno = error;
        return result;
    }
    struct event *e = call_begin(s, a, CALL_RECV, result, error);
    e->as.call.size = (int64_t)len;
    call_unblocked(e, a);
    if (result > 0) {
        event_put_plain(e, EVENT_MAX, &e->as.call.data, bytes, preview((size_t)result));
        if (s->conn)
            put_carries(s, e, (uint64_t)result);
    }
    s->reset |= result < 0 && error == ECONNRESET;
    call_done(s, e, a, result < 0);
    errno = error;
    return result;
}

int sock_shutdown(struct sock *s, const struct actor *a, int how)
{
    call_take_earlier(s);
    int result = shutdown(s->fd, how), error = errno;
    struct event *e = call_begin(s, a, CALL_SHUTDOWN, result, error);
    uint64_t id = e->id;
    e->as.call.how = (uint32_t)how + 1;
    call_done(s, e, a, true);
    if (s->state == STATE_LISTEN && sock_state(s) != STATE_LISTEN) // it no longer listens
        sock_log_state(s, a, sock_state(s), id);
    errno = error;
    return result;
}
