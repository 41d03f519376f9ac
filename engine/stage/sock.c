// Implementation of sock.h.
#include "stage/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "kernel/diag.h"
#include "stage/option.h"
#include "stage/stage.h"

#define CARRIES_MAX 1024 // packets named by one recv

union any_address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

static socklen_t to_kernel(const struct addr *a, union any_address *k)
{
    *k = (union any_address){0};
    if (a->family == 6) {
        k->in6.sin6_family = AF_INET6;
        k->in6.sin6_port = htons(a->port);
        memcpy(&k->in6.sin6_addr, a->bytes, 16);
        return sizeof k->in6;
    }
    k->in.sin_family = AF_INET;
    k->in.sin_port = htons(a->port);
    memcpy(&k->in.sin_addr, a->bytes, 4);
    return sizeof k->in;
}

static void from_kernel(const union any_address *k, struct addr *a)
{
    *a = (struct addr){0};
    if (k->any.sa_family == AF_INET6) {
        a->family = 6;
        a->port = ntohs(k->in6.sin6_port);
        memcpy(a->bytes, &k->in6.sin6_addr, 16);
    } else if (k->any.sa_family == AF_INET) {
        a->family = 4;
        a->port = ntohs(k->in.sin_port);
        memcpy(a->bytes, &k->in.sin_addr, 4);
    }
}

// What timers of the kernel have sent by now was not caused by the call that follows.
static void take_earlier(const struct sock *s)
{
    wire_drain(s->host, NULL);
}

// A `call` event with what all calls have; the caller adds the rest and ends it with done().
static struct event *begin(const struct sock *s, const struct actor *a, enum call call,
                           int64_t result, int error)
{
    struct event *e = log_begin(&s->stage->log, EVENT_CALL, a, s->host->number, 0);
    struct event_call *c = &e->as.call;
    c->call = call;
    c->fd = s->shown_fd;
    c->sock = s->number;
    c->conn = s->conn ? s->conn->number : 0;
    c->result = result;
    c->error = result < 0 ? (uint32_t)error : 0;
    return e;
}

// Adds that the operation had to wait, if it had.
static void unblock(struct event *e, struct actor *a)
{
    e->op = a->op.id;
    if (a->op.waiting)
        e->as.call.blocked_ns = clock_now() - a->op.since_ns;
    a->op.waiting = false;
}

// Commits the call, asks for the state it may have changed, and takes the packets it caused.
static void done(struct sock *s, struct event *e, const struct actor *a, bool changes_state)
{
    struct wire_cause cause = {
        .id = log_commit(&s->stage->log, e), .call = true, .conn = s->conn, .listener = s->local};
    if (s->conn)
        observe_moved(&s->conn->end[s->side], a, cause.id);
    if (changes_state && s->conn) {
        conn_observe(s->conn, s->side, a, cause.id);
        if (conn_is_local(s->conn))
            conn_observe(s->conn, !s->side, NULL, cause.id);
    }
    wire_drain(s->host, &cause);
}

// Where a blocking socket would sleep: says so once an operation, and takes the packets caused so
// far.
static void block(struct sock *s, struct actor *a, enum call call, int64_t size,
                  const struct addr *to)
{
    if (a->op.waiting) {
        errno = EAGAIN;
        return;
    }
    struct event *e = log_begin(&s->stage->log, EVENT_BLOCKED, a, s->host->number, 0);
    struct event_blocked *b = &e->as.blocked;
    b->call = call;
    b->fd = s->shown_fd;
    b->sock = s->number;
    b->conn = s->conn ? s->conn->number : 0;
    b->size = size;
    if (to)
        b->address = *to;
    if (!a->op.id)
        a->op.id = e->id;
    e->op = a->op.id;
    a->op.waiting = true;
    a->op.since_ns = clock_now();
    struct wire_cause cause = {.id = log_commit(&s->stage->log, e), .call = true, .conn = s->conn};
    if (s->connecting)
        conn_observe(s->conn, s->side, a, cause.id);
    if (s->connecting && conn_is_local(s->conn)) // the SYN has arrived already
        conn_arrived(s->conn, !s->side, TCP_SYN, cause.id);
    wire_drain(s->host, &cause);
    errno = EAGAIN;
}

static struct sock *adopt(struct host *h, int fd)
{
    struct sock *s = mem_new(sizeof *s);
    s->stage = h->stage;
    s->host = h;
    s->fd = fd;
    s->number = ++h->stage->last_sock;
    s->shown_fd = host_take_descriptor(h);
    s->state = STATE_CLOSE;
    ready_source_init(&s->ready);
    LIST_INSERT_HEAD(&h->stage->socks, s, link);
    return s;
}

struct sock *sock_open(struct host *h, const struct actor *a)
{
    if (host_enter(h, NULL) != 0)
        return NULL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        int error = errno;
        struct event *e = log_begin(&h->stage->log, EVENT_CALL, a, h->number, 0);
        e->as.call.call = CALL_SOCKET;
        e->as.call.result = -1;
        e->as.call.error = (uint32_t)error;
        log_commit(&h->stage->log, e);
        errno = error;
        return NULL;
    }
    struct sock *s = adopt(h, fd);
    struct event *e = begin(s, a, CALL_SOCKET, s->shown_fd, 0);
    e->as.call.fd = EVENT_NONE; // the descriptor is the result
    done(s, e, a, false);
    return s;
}

// Another open descriptor of the same socket; NULL if this was the last.
static struct sock *find_double(const struct sock *s)
{
    struct sock *other;
    LIST_FOREACH(other, &s->stage->socks, link)
    if (other != s && other->fd >= 0 && other->conn == s->conn && other->side == s->side)
        return other;
    return NULL;
}

// The structure no longer has a descriptor.
static void let_go(struct sock *s)
{
    ready_source_gone(&s->ready);
    observe_listener_gone(s);
    close(s->fd);
    s->fd = -1;
    host_give_descriptor(s->host, s->shown_fd);
    if (s->conn && s->conn->end[s->side].sock == s)
        s->conn->end[s->side].sock = s->doubled ? find_double(s) : NULL;
}

void sock_free(struct sock *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        let_go(s);
    LIST_REMOVE(s, link);
    buf_fini(&s->unread);
    free(s);
}

int sock_bind(struct sock *s, const struct actor *a, const struct addr *to)
{
    union any_address k = {0};
    struct addr own = *to;
    if (s->stage->loopback) { // hosts share the machine's loopback: each keeps to its own address
        own = s->host->address;
        own.port = to->port;
    }
    socklen_t len = to_kernel(&own, &k);
    int result = bind(s->fd, &k.any, len), error = errno;
    struct event *e = begin(s, a, CALL_BIND, result, error);
    e->as.call.address = own;
    done(s, e, a, false);
    errno = error;
    return result;
}

static void log_own_state(struct sock *s, const struct actor *a, enum tcp_state to, uint64_t cause)
{
    struct event *e = log_begin(&s->stage->log, EVENT_STATE, a, s->host->number, cause);
    e->as.state.sock = s->number;
    e->as.state.local = s->local;
    e->as.state.from = s->state;
    e->as.state.to = to;
    if (to == STATE_LISTEN)
        sock_queues(s, &e->as.state.recv_q, &e->as.state.send_q);
    s->state = to;
    log_commit(&s->stage->log, e);
}

int sock_listen(struct sock *s, const struct actor *a, int backlog)
{
    int result = listen(s->fd, backlog), error = errno;
    struct event *e = begin(s, a, CALL_LISTEN, result, error);
    e->as.call.backlog = backlog;
    uint64_t id = e->id;
    done(s, e, a, false);
    sock_address(s, false, &s->local);
    if (result == 0) {
        log_own_state(s, a, sock_state(s), id);
        observe_listener(s);
    }
    errno = error;
    return result;
}

struct sock *sock_accept(struct sock *s, struct actor *a)
{
    union any_address k = {0};
    socklen_t len = sizeof k;
    int fd = accept4(s->fd, &k.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC), error = errno;
    if (fd < 0 && error == EAGAIN && !s->nonblocking) {
        block(s, a, CALL_ACCEPT, EVENT_NONE, NULL);
        return NULL;
    }
    if (fd < 0 && log_again(&s->stage->log, a, CALL_ACCEPT, s->number, -1, error, EVENT_NONE)) {
        errno = error;
        return NULL;
    }
    if (fd < 0) {
        struct event *e = begin(s, a, CALL_ACCEPT, -1, error);
        unblock(e, a);
        done(s, e, a, false);
        errno = error;
        return NULL;
    }
    struct sock *made = adopt(s->host, fd);
    struct addr peer, local;
    from_kernel(&k, &peer);
    if (sock_address(made, false, &local) == 0) {
        made->conn = conn_find(s->host, &local, &peer);
        if (!made->conn) // over lo, where no wire has seen it
            made->conn = conn_new(s->host, &peer, &local);
        made->side = conn_side(made->conn, &local);
        made->conn->end[made->side].sock = made;
    }
    struct event *e = begin(s, a, CALL_ACCEPT, made->shown_fd, 0);
    e->as.call.address = peer;
    e->as.call.conn = made->conn ? made->conn->number : 0;
    unblock(e, a);
    uint64_t id = e->id;
    done(s, e, a, false);
    if (made->conn)
        conn_observe(made->conn, made->side, a, id);
    observe_accept_queue(s->host, &s->local, a, id);
    return made;
}

static void log_connect(struct sock *s, struct actor *a, const struct addr *to, int result,
                        int error)
{
    struct event *e = begin(s, a, CALL_CONNECT, result, error);
    e->as.call.address = *to;
    unblock(e, a);
    s->connecting = false;
    done(s, e, a, true);
    errno = error;
}

// The kernel has chosen the port: the connection can be named.
static void name_connection(struct sock *s, const struct addr *to)
{
    struct addr local;
    if (sock_address(s, false, &local) != 0)
        return;
    s->conn = conn_new(s->host, &local, to);
    s->side = 0;
    s->conn->end[0].sock = s;
}

// Without this all hosts on loopback would connect from 127.0.0.1. Fails unheard on a socket that
// is bound.
static void leave_from_own_address(const struct sock *s)
{
    union any_address k = {0};
    socklen_t len = to_kernel(&s->host->address, &k);
    setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    (void)!bind(s->fd, &k.any, len);
}

int sock_connect(struct sock *s, struct actor *a, const struct addr *to)
{
    union any_address k = {0};
    socklen_t len = to_kernel(to, &k);
    if (s->connecting) { // again after waiting: the outcome stands in SO_ERROR
        struct tcp_info info;
        int error = 0;
        socklen_t size = sizeof error;
        if (sock_info(s, &info) == 0 && info.tcpi_state == TCP_SYN_SENT) {
            block(s, a, CALL_CONNECT, EVENT_NONE, to);
            return -1;
        }
        getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        log_connect(s, a, to, error ? -1 : 0, error);
        return error ? -1 : 0;
    }
    if (s->stage->loopback)
        leave_from_own_address(s);
    int result = connect(s->fd, &k.any, len), error = errno;
    if ((result == 0 || error == EINPROGRESS) && !s->conn)
        name_connection(s, to);
    if (result < 0 && error == EINPROGRESS && !s->nonblocking) {
        s->connecting = true;
        block(s, a, CALL_CONNECT, EVENT_NONE, to);
        return -1;
    }
    log_connect(s, a, to, result, error);
    return result;
}

static size_t preview(size_t len)
{
    return len < EVENT_PREVIEW ? len : EVENT_PREVIEW;
}

ssize_t sock_send(struct sock *s, struct actor *a, const void *bytes, size_t len)
{
    take_earlier(s);
    ssize_t result = send(s->fd, bytes, len, MSG_NOSIGNAL);
    int error = errno;
    if (result < 0 && error == EAGAIN && !s->nonblocking) {
        block(s, a, CALL_SEND, (int64_t)len, NULL);
        return -1;
    }
    if (result < 0 && log_again(&s->stage->log, a, CALL_SEND, s->number, -1, error, (int64_t)len)) {
        errno = error;
        return -1;
    }
    struct event *e = begin(s, a, CALL_SEND, result, error);
    e->as.call.size = (int64_t)len;
    unblock(e, a);
    if (result > 0) {
        event_put_plain(e, EVENT_MAX, &e->as.call.data, bytes, preview((size_t)result));
        if (s->conn) {
            struct conn_end *end = &s->conn->end[s->side];
            ranges_add(&end->sends, end->sent, end->sent + (uint64_t)result, e->id);
            end->sent += (uint64_t)result;
        }
    }
    uint64_t id = e->id;
    done(s, e, a, result < 0);
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
    take_earlier(s);
    ssize_t result = recv(s->fd, bytes, len, 0);
    int error = errno;
    if (result < 0 && error == EAGAIN && !s->nonblocking) {
        block(s, a, CALL_RECV, (int64_t)len, NULL);
        return -1;
    }
    if (result <= 0 &&
        log_again(&s->stage->log, a, CALL_RECV, s->number, result, error, (int64_t)len)) {
        errno = error;
        return result;
    }
    struct event *e = begin(s, a, CALL_RECV, result, error);
    e->as.call.size = (int64_t)len;
    unblock(e, a);
    if (result > 0) {
        event_put_plain(e, EVENT_MAX, &e->as.call.data, bytes, preview((size_t)result));
        if (s->conn)
            put_carries(s, e, (uint64_t)result);
    }
    s->at_end = result == 0;
    s->reset |= result < 0 && error == ECONNRESET;
    done(s, e, a, result < 0);
    errno = error;
    return result;
}

int sock_shutdown(struct sock *s, const struct actor *a, int how)
{
    take_earlier(s);
    int result = shutdown(s->fd, how), error = errno;
    struct event *e = begin(s, a, CALL_SHUTDOWN, result, error);
    e->as.call.how = (uint32_t)how + 1;
    done(s, e, a, true);
    errno = error;
    return result;
}

int sock_close(struct sock *s, const struct actor *a)
{
    take_earlier(s);
    struct event *e = begin(s, a, CALL_CLOSE, 0, 0);
    uint64_t id = e->id;
    let_go(s);
    done(s, e, a, true);
    if (!s->conn && s->state != STATE_CLOSE && !s->doubled)
        log_own_state(s, a, STATE_CLOSE, id);
    return 0;
}

static void put_option(struct event *e, const struct option *o, int64_t number, const char *word)
{
    char text[96];
    if (o->unit == OPTION_WORD)
        snprintf(text, sizeof text, "%s %s", o->name, word);
    else if (o->unit == OPTION_LINGER && number < 0)
        snprintf(text, sizeof text, "%s {off}", o->name);
    else if (o->unit == OPTION_LINGER)
        snprintf(text, sizeof text, "%s {on, %lld s}", o->name, (long long)number);
    else
        snprintf(text, sizeof text, "%s %lld", o->name, (long long)number);
    event_put_text(e, EVENT_MAX, &e->as.call.option, text, strlen(text));
}

int sock_set_option(struct sock *s, const struct actor *a, const struct option *o, int64_t number,
                    const char *word)
{
    int result = option_set(s->fd, o, number, word), error = errno;
    struct event *e = begin(s, a, CALL_SETSOCKOPT, result, error);
    put_option(e, o, number, word);
    done(s, e, a, false); // TCP_NODELAY and TCP_CORK may let segments go
    errno = error;
    return result;
}

int sock_get_option(struct sock *s, const struct actor *a, const struct option *o, int64_t *number,
                    char *word)
{
    int result = option_get(s->fd, o, number, word), error = errno;
    struct event *e = begin(s, a, CALL_GETSOCKOPT, result, error);
    put_option(e, o, *number, word);
    done(s, e, a, false);
    errno = error;
    return result;
}

int sock_nonblocking(struct sock *s, const struct actor *a, bool on)
{
    const char *text = on ? "O_NONBLOCK on" : "O_NONBLOCK off";
    s->nonblocking = on; // the descriptor is in any case, see sock.h
    struct event *e = begin(s, a, CALL_FCNTL, 0, 0);
    event_put_text(e, EVENT_MAX, &e->as.call.option, text, strlen(text));
    done(s, e, a, false);
    return 0;
}

struct sock *sock_dup(struct sock *s, const struct actor *a)
{
    int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0), error = errno;
    struct sock *made = fd < 0 ? NULL : adopt(s->host, fd);
    struct event *e = begin(s, a, CALL_DUP, made ? made->shown_fd : -1, error);
    done(s, e, a, false);
    if (made) {
        made->conn = s->conn;
        made->side = s->side;
        made->state = s->state;
        made->local = s->local;
        made->nonblocking = s->nonblocking;
        made->doubled = s->doubled = true;
    }
    errno = error;
    return made;
}

int sock_abort(struct sock *s, const struct actor *a)
{
    sock_set_option(s, a, option_find("SO_LINGER"), 0, NULL);
    return sock_close(s, a);
}

void sock_wait(struct sock *s, struct wait *w, enum wait_for way, int64_t deadline_ns,
               void (*woken)(struct wait *, enum wait_result))
{
    ready_wait(&s->stage->ready, w, &s->ready, s->fd, way, deadline_ns, woken);
}

void sock_give_up(struct sock *s, struct actor *a, enum call call)
{
    struct event *e = begin(s, a, call, -1, call == CALL_CONNECT ? EINPROGRESS : EAGAIN);
    unblock(e, a);
    done(s, e, a, false);
}

int sock_info(const struct sock *s, struct tcp_info *info)
{
    socklen_t len = sizeof *info;
    memset(info, 0, sizeof *info);
    return getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, info, &len);
}

int sock_queues(const struct sock *s, int64_t *recv_q, int64_t *send_q)
{
    struct tcp_info info;
    int in = 0, out = 0;
    if (sock_info(s, &info) != 0)
        return -1;
    if (info.tcpi_state == TCP_LISTEN) {
        *recv_q = info.tcpi_unacked;
        *send_q = info.tcpi_sacked;
        return 0;
    }
    if (ioctl(s->fd, SIOCINQ, &in) != 0 || ioctl(s->fd, SIOCOUTQ, &out) != 0)
        return -1;
    *recv_q = in;
    *send_q = out;
    return 0;
}

int sock_address(const struct sock *s, bool peer, struct addr *address)
{
    union any_address k = {0};
    socklen_t len = sizeof k;
    if ((peer ? getpeername : getsockname)(s->fd, &k.any, &len) != 0)
        return -1;
    from_kernel(&k, address);
    return 0;
}

enum tcp_state sock_state(const struct sock *s)
{
    struct tcp_info info;
    struct diag_socket found;
    if (s->fd >= 0 && (sock_info(s, &info) != 0 || info.tcpi_state != TCP_CLOSE))
        return (enum tcp_state)info.tcpi_state;
    if (s->conn && host_diag(s->host, &s->conn->end[s->side].address,
                             &s->conn->end[!s->side].address, &found) == 0)
        return found.state;
    return STATE_CLOSE;
}
