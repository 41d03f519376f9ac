// Implementation of sock.h: how sockets find each other: bind, listen, accept, connect.
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "stage/call.h"
#include "stage/sockaddr.h"
#include "stage/stage.h"

int sock_bind(struct sock *s, const struct actor *a, const struct addr *to)
{
    union sockaddr_any k = {0};
    struct addr own = *to;
    if (s->stage->loopback) { // hosts share the machine's loopback: each keeps to its own address
        own = s->host->address;
        own.port = to->port;
    }
    socklen_t len = sockaddr_of(&own, &k);
    int result = bind(s->fd, &k.any, len), error = errno;
    struct event *e = call_begin(s, a, CALL_BIND, result, error);
    e->as.call.address = own;
    call_done(s, e, a, false);
    errno = error;
    return result;
}

int sock_listen(struct sock *s, const struct actor *a, int backlog)
{
    int result = listen(s->fd, backlog), error = errno;
    struct event *e = call_begin(s, a, CALL_LISTEN, result, error);
    e->as.call.backlog = backlog;
    uint64_t id = e->id;
    call_done(s, e, a, false);
    sock_address(s, false, &s->local);
    if (result == 0)
        sock_log_state(s, a, sock_state(s), id);
    errno = error;
    return result;
}

struct sock *sock_accept(struct sock *s, struct actor *a)
{
    union sockaddr_any k = {0};
    socklen_t len = sizeof k;
    int fd = accept4(s->fd, &k.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC), error = errno;
    if (fd < 0 && error == EAGAIN && !s->nonblocking) {
        call_block(s, a, CALL_ACCEPT, EVENT_NONE, NULL);
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
    struct sock *made = sock_adopt(s->host, fd);
    struct addr peer, local;
    sockaddr_read(&k, &peer);
    if (sock_address(made, false, &local) == 0) {
        made->conn = conn_find(s->host, &local, &peer);
        if (!made->conn) // over lo, where no wire has seen it
            made->conn = conn_new(s->host, &peer, &local);
        made->side = conn_side(made->conn, &local);
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
    return made;
}

static void log_connect(struct sock *s, struct actor *a, const struct addr *to, int result,
                        int error)
{
    struct event *e = call_begin(s, a, CALL_CONNECT, result, error);
    e->as.call.address = *to;
    call_unblocked(e, a);
    s->connecting = false;
    call_done(s, e, a, true);
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
    s->conn->end[0].ours = true;
}

// Without this all hosts on loopback would connect from 127.0.0.1. Fails unheard on a socket that
// is bound.
static void leave_from_own_address(const struct sock *s)
{
    union sockaddr_any k = {0};
    socklen_t len = sockaddr_of(&s->host->address, &k);
    setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    (void)!bind(s->fd, &k.any, len);
}

int sock_connect(struct sock *s, struct actor *a, const struct addr *to)
{
    union sockaddr_any k = {0};
    socklen_t len = sockaddr_of(to, &k);
    if (s->connecting) { // again after waiting: the outcome stands in SO_ERROR
        struct tcp_info info;
        int error = 0;
        socklen_t size = sizeof error;
        if (sock_info(s, &info) == 0 && info.tcpi_state == TCP_SYN_SENT) {
            call_block(s, a, CALL_CONNECT, EVENT_NONE, to);
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
        call_block(s, a, CALL_CONNECT, EVENT_NONE, to);
        return -1;
    }
    log_connect(s, a, to, result, error);
    return result;
}
