// Implementation of sock.h: how sockets find each other: bind, listen, accept, connect.
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "stage/call.h"
#include "stage/conn_path.h"
#include "stage/datagram.h"
#include "stage/sockaddr.h"
#include "stage/stage.h"

void sock_keep_to_own_address(const struct sock *s)
{
    union sockaddr_any k = {0};
    socklen_t len = sockaddr_of(&s->host->address, s->ipv6, &k);
    if (!s->stage->loopback)
        return;
    setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    (void)!bind(s->fd, &k.any, len); // fails if it is bound, and that is as good
}

int sock_bind(struct sock *s, const struct actor *a, const struct addr *to)
{
    union sockaddr_any k = {0};
    struct addr own = *to;
    if (s->stage->loopback) { // hosts share the machine's loopback: each keeps to its own address
        own = s->host->address;
        own.port = to->port;
    }
    socklen_t len = sockaddr_of(&own, s->ipv6, &k);
    int result = bind(s->fd, &k.any, len), error = errno;
    datagrams_bound(s);
    struct event *e = call_begin(s, a, CALL_BIND, result, error);
    e->as.call.address = own;
    call_done(s, e, a, false);
    errno = error;
    return result;
}

int sock_listen(struct sock *s, const struct actor *a, int backlog)
{
    sock_keep_to_own_address(s);
    int result = listen(s->fd, backlog), error = errno;
    struct event *e = call_begin(s, a, CALL_LISTEN, result, error);
    e->as.call.backlog = backlog;
    uint64_t id = e->id;
    call_done(s, e, a, false);
    enum tcp_state state = result == 0 ? sock_state(s) : s->state;
    if (state != s->state) { // not if it listened before
        sock_address(s, false, &s->local);
        sock_log_state(s, a, state, id);
    }
    if (result == 0)
        observe_listener(s);
    errno = error;
    return result;
}

struct sock *sock_accept(struct sock *s, struct actor *a)
{
    union sockaddr_any k = {0};
    socklen_t len = sizeof k;
    host_limit_begin(s->host);
    int fd = accept4(s->fd, &k.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC), error = errno;
    host_limit_end(s->host);
    if (fd < 0 && error == EAGAIN && !s->nonblocking) {
        call_block(s, a, CALL_ACCEPT, error, EVENT_NONE, NULL);
        return NULL;
    }
    if (fd < 0 && log_again(&s->stage->log, a, CALL_ACCEPT, s->number, -1, error, EVENT_NONE)) {
        errno = error;
        return NULL;
    }
    if (fd < 0) {
        struct event *e = call_begin(s, a, CALL_ACCEPT, -1, error);
        call_unblocked(e, a);
        call_done(s, e, a, false);
        errno = error;
        return NULL;
    }
    struct sock *made = sock_adopt(s->host, fd, s->kind);
    made->options = s->options; // like all that the kernel's socket has of its listener's
    struct addr peer, local;
    sockaddr_read(&k, &peer);
    if (sock_address(made, false, &local) == 0) {
        made->conn = conn_find(s->host, &local, &peer, &made->side);
        if (!made->conn) { // over lo, where no wire has seen it
            made->conn = conn_new(s->host, &peer, &local);
            made->side = 1;
        }
        made->conn->end[made->side].sock = made;
        made->conn->end[made->side].ours = true;
    }
    struct event *e = call_begin(s, a, CALL_ACCEPT, made->shown_fd, 0);
    e->as.call.address = peer;
    e->as.call.conn = made->conn ? made->conn->number : 0;
    call_unblocked(e, a);
    uint64_t id = e->id;
    call_done(s, e, a, false);
    if (made->conn)
        conn_observe(made->conn, made->side, a, id);
    observe_accept_queue(s->host, &s->local, a, id);
    return made;
}

// The kernel has chosen the port: the connection can be named. An earlier attempt had another.
static void name_connection(struct sock *s, const struct addr *to)
{
    struct addr local;
    if (sock_address(s, false, &local) != 0)
        return;
    if (s->conn)
        s->conn->end[s->side].sock = NULL;
    struct conn *made = conn_new(s->host, &local, to);
    made->end[0].sock = s;
    made->end[0].ours = true;
    for (struct sock *each = NULL; (each = sock_next_double(s, each));) {
        each->conn = made;
        each->side = 0;
    }
}

// As a blocking connect sleeps inside the kernel, and ends with what it has become of it, here it
// is called again after waiting: then it returns just that.
int sock_connect(struct sock *s, struct actor *a, const struct addr *to)
{
    union sockaddr_any k = {0};
    socklen_t len = sockaddr_of(to, s->ipv6, &k);
    call_take_earlier(s);
    sock_keep_to_own_address(s);
    int result = connect(s->fd, &k.any, len), error = result < 0 ? errno : 0;
    bool under_way = error == EINPROGRESS || error == EALREADY;
    if (s->kind == SOCKET_TCP && (error == EINPROGRESS || (!error && !s->connecting)))
        name_connection(s, to);
    s->connecting = under_way;
    datagrams_bound(s);
    if (under_way && !s->nonblocking) {
        call_block(s, a, CALL_CONNECT, error, EVENT_NONE, to);
        return -1;
    }
    struct event *e = call_begin(s, a, CALL_CONNECT, result, error);
    e->as.call.address = *to;
    call_unblocked(e, a);
    call_done(s, e, a, true);
    errno = error;
    return result;
}
