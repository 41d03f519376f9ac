// Implementation of sock.h: data: send, recv, shutdown.
#include <errno.h>
#include <time.h>

#include <linux/errqueue.h> // needs struct timespec
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "event/fields.h"
#include "packet/frame.h"
#include "stage/call.h"
#include "stage/datagram.h"
#include "stage/sockaddr.h"
#include "stage/stage.h"

#define CARRIES_MAX 1024 // packets named by one recv

static size_t preview(size_t len)
{
    return len < EVENT_PREVIEW ? len : EVENT_PREVIEW;
}

// Which call has sent them, for the packets that carry them.
static void remember_bytes(struct sock *s, uint64_t call, uint64_t len)
{
    struct conn_end *end = &s->conn->end[s->side];
    ranges_add(&end->sends, end->sent, end->sent + len, call);
    end->sent += len;
}

ssize_t sock_send(struct sock *s, struct actor *a, const void *bytes, size_t len,
                  const struct addr *to)
{
    enum call call = to ? CALL_SENDTO : CALL_SEND;
    union sockaddr_any k;
    socklen_t k_len = to ? sockaddr_of(to, s->ipv6, &k) : 0;
    call_take_earlier(s);
    if (to)
        sock_keep_to_own_address(s);
    ssize_t result = sendto(s->fd, bytes, len, MSG_NOSIGNAL, to ? &k.any : NULL, k_len);
    int error = errno;
    s->full = result < 0 && error == EAGAIN;
    if (s->full && !s->nonblocking) {
        call_block(s, a, call, error, (int64_t)len, to);
        return -1;
    }
    if (result < 0 && log_again(&s->stage->log, a, call, s->number, -1, error, (int64_t)len)) {
        errno = error;
        return -1;
    }
    datagrams_bound(s);
    struct event *e = call_begin(s, a, call, result, error);
    e->as.call.size = (int64_t)len;
    if (to)
        e->as.call.address = *to;
    call_unblocked(e, a);
    if (result > 0) {
        event_put_plain(e, EVENT_MAX, &e->as.call.data, bytes, preview((size_t)result));
        if (s->conn)
            remember_bytes(s, e->id, (uint64_t)result);
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

// The same of a datagram.
static void put_datagram(const struct sock *s, struct event *e, bool kept)
{
    uint64_t ids[DATAGRAM_PACKETS];
    size_t count = datagram_taken(s, kept, ids);
    event_put_plain(e, EVENT_MAX, &e->as.call.carries, ids, count * sizeof *ids);
}

// recv(2) of a stream; of datagrams also where one came from, and whether all of it had room.
static ssize_t receive(const struct sock *s, void *bytes, size_t len, struct sock_message *m)
{
    int flags = m->peek ? MSG_PEEK : 0;
    if (s->kind == SOCKET_TCP)
        return recv(s->fd, bytes, len, flags);
    union sockaddr_any k = {0};
    struct iovec room = {bytes, len};
    struct msghdr h = {.msg_name = &k, .msg_namelen = sizeof k, .msg_iov = &room, .msg_iovlen = 1};
    ssize_t result = recvmsg(s->fd, &h, flags);
    if (result >= 0) {
        sockaddr_read(&k, &m->from);
        m->cut = h.msg_flags & MSG_TRUNC;
    }
    return result;
}

ssize_t sock_recv(struct sock *s, struct actor *a, void *bytes, size_t len, struct sock_message *m)
{
    call_take_earlier(s);
    ssize_t result = receive(s, bytes, len, m);
    int error = errno;
    if (result < 0 && error == EAGAIN && !s->nonblocking) {
        call_block(s, a, m->call, error, (int64_t)len, NULL);
        return -1;
    }
    bool spins = result < 0 || (result == 0 && !s->datagrams); // a datagram may be empty
    if (spins && log_again(&s->stage->log, a, m->call, s->number, result, error, (int64_t)len)) {
        errno = error;
        return result;
    }
    struct event *e = call_begin(s, a, m->call, result, error);
    e->as.call.size = (int64_t)len;
    if (m->call == CALL_RECVFROM)
        e->as.call.address = m->from;
    call_unblocked(e, a);
    if (result > 0) {
        event_put_plain(e, EVENT_MAX, &e->as.call.data, bytes, preview((size_t)result));
        if (s->conn && !m->peek)
            put_carries(s, e, (uint64_t)result);
    }
    if (result >= 0 && s->datagrams)
        put_datagram(s, e, m->peek);
    e->as.call.flags = (m->peek ? CALL_PEEK : 0) | (m->cut ? CALL_CUT : 0);
    s->reset |= result < 0 && error == ECONNRESET;
    call_done(s, e, a, result < 0);
    errno = error;
    return result;
}

// The one message that the error queue gives beside the packet that it is about, see ip(7).
static void read_error(struct msghdr *h, struct sock_error *told)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
        const struct sock_extended_err *e = (const void *)CMSG_DATA(c);
        union sockaddr_any by;
        if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR)
            continue;
        memcpy(&by, SO_EE_OFFENDER(e), sizeof by.in);
        sockaddr_read(&by, &told->by);
        told->error = (int)e->ee_errno;
        told->message = e->ee_origin == SO_EE_ORIGIN_ICMP
                            ? frame_message_of(false, e->ee_type, e->ee_code)
                            : MESSAGE_NONE;
    }
}

int sock_queued_error(struct sock *s, struct actor *a, struct sock_error *told)
{
    char bytes[64], text[64];
    _Alignas(struct cmsghdr) char control[256];
    struct iovec room = {bytes, sizeof bytes};
    struct msghdr h = {.msg_iov = &room,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    *told = (struct sock_error){0};
    call_take_earlier(s);
    ssize_t result = recvmsg(s->fd, &h, MSG_ERRQUEUE);
    int error = errno;
    if (result >= 0)
        read_error(&h, told);
    if (s->datagrams)
        datagram_error_taken(s);
    struct event *e = call_begin(s, a, CALL_RECVFROM, result, error);
    e->as.call.flags = CALL_ERRORS;
    e->as.call.address = told->by;
    if (told->error) {
        const char *name = strerrorname_np(told->error);
        snprintf(text, sizeof text, "%s%s%s", name ? name : "?", told->message ? " " : "",
                 told->message ? names_of_icmp[told->message] : "");
        event_put_text(e, EVENT_MAX, &e->as.call.option, text, strlen(text));
    }
    call_done(s, e, a, false);
    errno = error;
    return result < 0 ? -1 : 0;
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
