// Implementation of sock.h: sockets from socket(2) to close(2), and what can be asked of them.
#include "stage/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "kernel/diag.h"
#include "stage/call.h"
#include "stage/datagram.h"
#include "stage/option.h"
#include "stage/sockaddr.h"
#include "stage/stage.h"

// Hosts with IPv6 use it for what can do both.
static bool is_ipv6(const struct host *h, enum socket_kind kind)
{
    return kind == SOCKET_ICMPV6 || (h->ipv6 && (kind == SOCKET_TCP || kind == SOCKET_UDP));
}

struct sock *sock_adopt(struct host *h, int fd, enum socket_kind kind)
{
    struct sock *s = mem_new(sizeof *s);
    s->stage = h->stage;
    s->host = h;
    s->fd = fd;
    s->kind = kind;
    s->ipv6 = is_ipv6(h, kind);
    s->number = s->file = ++h->stage->last_sock;
    s->shown_fd = host_take_descriptor(h);
    s->state = STATE_CLOSE;
    s->options.linger_s = -1;
    ready_source_init(&s->ready);
    LIST_INSERT_HEAD(&h->stage->socks, s, link);
    return s;
}

// "IPPROTO_ICMP"
static void put_protocol(struct event *e, int protocol)
{
    static const char *const names[] = {[IPPROTO_ICMP] = "IPPROTO_ICMP",
                                        [IPPROTO_TCP] = "IPPROTO_TCP",
                                        [IPPROTO_UDP] = "IPPROTO_UDP"};
    char text[24];
    if ((size_t)protocol < sizeof names / sizeof *names && names[protocol])
        snprintf(text, sizeof text, "%s", names[protocol]);
    else
        snprintf(text, sizeof text, "protocol %d", protocol);
    event_put_text(e, EVENT_MAX, &e->as.call.option, text, strlen(text));
}

static int make_descriptor(const struct host *h, enum socket_kind kind, int protocol)
{
    static const struct {
        int type, protocol;
    } kinds[] = {[SOCKET_TCP] = {SOCK_STREAM, 0},
                 [SOCKET_UDP] = {SOCK_DGRAM, 0},
                 [SOCKET_ICMP] = {SOCK_DGRAM, IPPROTO_ICMP},
                 [SOCKET_RAW] = {SOCK_RAW, 0},
                 [SOCKET_ICMPV6] = {SOCK_DGRAM, IPPROTO_ICMPV6}};
    return socket(is_ipv6(h, kind) ? AF_INET6 : AF_INET,
                  kinds[kind].type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                  kind == SOCKET_RAW ? protocol : kinds[kind].protocol);
}

struct sock *sock_open(struct host *h, const struct actor *a, enum socket_kind kind, int protocol)
{
    if (host_enter(h, NULL) != 0)
        return NULL;
    host_limit_begin(h);
    int fd = make_descriptor(h, kind, protocol), error = errno;
    host_limit_end(h);
    struct sock *s = fd < 0 ? NULL : sock_adopt(h, fd, kind);
    if (s && kind != SOCKET_TCP)
        datagrams_open(s);
    struct event *e = log_begin(&h->stage->log, EVENT_CALL, a, h->number, 0);
    e->as.call.call = CALL_SOCKET;
    e->as.call.sock = s ? s->number : 0;
    e->as.call.socket = kind;
    e->as.call.result = s ? s->shown_fd : -1;
    e->as.call.error = s ? 0 : (uint32_t)error;
    if (kind == SOCKET_RAW)
        put_protocol(e, protocol);
    log_commit(&h->stage->log, e);
    errno = error;
    return s;
}

struct sock *sock_next_double(const struct sock *s, struct sock *last)
{
    if (!last && !s->doubled)
        return s->fd >= 0 ? (struct sock *)s : NULL;
    struct sock *next = last ? LIST_NEXT(last, link) : LIST_FIRST(&s->stage->socks);
    while (s->doubled && next && (next->fd < 0 || next->file != s->file))
        next = LIST_NEXT(next, link);
    return s->doubled ? next : NULL;
}

// The structure no longer has a descriptor.
static void let_go(struct sock *s)
{
    ready_source_gone(&s->ready);
    observe_listener_gone(s);
    close(s->fd);
    s->fd = -1;
    host_give_descriptor(s->host, s->shown_fd);
    if (s->datagrams)
        datagrams_close(s);
    if (s->conn && s->conn->end[s->side].sock == s)
        s->conn->end[s->side].sock = sock_next_double(s, NULL);
}

// Whether closing this descriptor closes the socket, and the kernel would linger in that.
static bool is_to_linger(const struct sock *s)
{
    struct sock *first = sock_next_double(s, NULL), *second = sock_next_double(s, first);
    return s->options.linger_s > 0 && first == s && !second;
}

// close(2) is the one call that sleeps even if the descriptor is non-blocking.
static void let_go_at_once(struct sock *s)
{
    if (is_to_linger(s))
        option_set(s->fd, option_find("SO_LINGER"), -1, NULL);
    let_go(s);
}

void sock_free(struct sock *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        let_go_at_once(s);
    if (s->conn && s->conn->end[s->side].closing == s)
        s->conn->end[s->side].closing = NULL;
    LIST_REMOVE(s, link);
    buf_fini(&s->unread);
    free(s);
}

void sock_log_state(struct sock *s, const struct actor *a, enum tcp_state to, uint64_t cause)
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

int sock_close(struct sock *s, struct actor *a, bool linger)
{
    linger = linger && s->conn && is_to_linger(s);
    call_take_earlier(s);
    let_go_at_once(s);
    if (linger && conn_is_closing(s->conn, s->side)) {
        s->conn->end[s->side].closing = s;
        call_block(s, a, CALL_CLOSE, EAGAIN, EVENT_NONE, NULL);
        return -1;
    }
    struct event *e = call_begin(s, a, CALL_CLOSE, 0, 0);
    uint64_t id = e->id;
    call_done(s, e, a, true);
    if (!s->conn && s->state != STATE_CLOSE && !sock_next_double(s, NULL))
        sock_log_state(s, a, STATE_CLOSE, id);
    return 0;
}

void sock_closed(struct sock *s, struct actor *a)
{
    s->conn->end[s->side].closing = NULL;
    struct event *e = call_begin(s, a, CALL_CLOSE, 0, 0); // also if the time was over
    call_unblocked(e, a);
    call_done(s, e, a, true);
}

struct sock *sock_dup(struct sock *s, const struct actor *a)
{
    host_limit_begin(s->host);
    int fd = dup(s->fd), error = errno;
    host_limit_end(s->host);
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    struct sock *made = fd < 0 ? NULL : sock_adopt(s->host, fd, s->kind);
    struct event *e = call_begin(s, a, CALL_DUP, made ? made->shown_fd : -1, error);
    call_done(s, e, a, false);
    if (made) {
        made->file = s->file;
        made->datagrams = s->datagrams;
        made->conn = s->conn;
        made->side = s->side;
        made->state = s->state;
        made->local = s->local;
        made->nonblocking = s->nonblocking;
        made->options = s->options;
        made->looped = s->looped;
        made->doubled = s->doubled = true;
    }
    errno = error;
    return made;
}

int sock_abort(struct sock *s, struct actor *a)
{
    sock_set_option(s, a, option_find("SO_LINGER"), 0, NULL);
    return sock_close(s, a, false);
}

void sock_wait(struct sock *s, struct wait *w, enum wait_for way, int64_t deadline_ns,
               void (*woken)(struct wait *, enum wait_result))
{
    ready_wait(&s->stage->ready, w, &s->ready, s->fd, way, deadline_ns, woken);
}

void sock_give_up(struct sock *s, struct actor *a, enum call call)
{
    struct event *e = call_begin(s, a, call, -1, a->op.error);
    call_unblocked(e, a);
    call_done(s, e, a, false);
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
    if (s->kind == SOCKET_TCP && sock_info(s, &info) != 0)
        return -1;
    if (s->kind == SOCKET_TCP && info.tcpi_state == TCP_LISTEN) {
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
    union sockaddr_any k = {0};
    socklen_t len = sizeof k;
    if ((peer ? getpeername : getsockname)(s->fd, &k.any, &len) != 0)
        return -1;
    sockaddr_read(&k, address);
    return 0;
}

enum tcp_state sock_state(const struct sock *s)
{
    struct tcp_info info;
    struct diag_socket found;
    struct addr peer;
    if (s->kind != SOCKET_TCP) // the kernel has them ESTABLISHED while they have a peer, else CLOSE
        return s->fd >= 0 && sock_address(s, true, &peer) == 0 ? STATE_ESTABLISHED : STATE_CLOSE;
    if (s->fd >= 0 && (sock_info(s, &info) != 0 || info.tcpi_state != TCP_CLOSE))
        return (enum tcp_state)info.tcpi_state;
    if (s->conn && host_diag(s->host, &s->conn->end[s->side].address, &s->conn->end[s->side].peer,
                             &found) == 0)
        return found.state;
    return STATE_CLOSE;
}
