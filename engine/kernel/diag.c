// Implementation of diag.h: one request, one answer.
#include "kernel/diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"

int diag_open(struct err *err)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return err_errno(err, "cannot ask the kernel about sockets (NETLINK_SOCK_DIAG)");
    return fd;
}

struct request {
    struct nlmsghdr head;
    struct inet_diag_req_v2 body;
};

static int ask(int fd, uint16_t type, const struct addr *local, const struct addr *peer)
{
    struct request r = {
        .head = {.nlmsg_len = sizeof r, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST},
        .body = {.sdiag_family = local->family == 6 ? AF_INET6 : AF_INET,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_states = ~0u},
    };
    struct inet_diag_sockid *id = &r.body.id;
    id->idiag_sport = htons(local->port);
    id->idiag_dport = htons(peer->port);
    memcpy(id->idiag_src, local->bytes, 16);
    memcpy(id->idiag_dst, peer->bytes, 16);
    id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return send(fd, &r, sizeof r, 0) < 0 ? -1 : 0;
}

void diag_destroy(int fd, const struct addr *local, const struct addr *peer)
{
    ask(fd, SOCK_DESTROY, local, peer);
}

int diag_find(int fd, const struct addr *local, const struct addr *peer, struct diag_socket *found)
{
    *found = (struct diag_socket){.state = STATE_CLOSE};
    if (ask(fd, SOCK_DIAG_BY_FAMILY, local, peer) != 0)
        return -1;
    _Alignas(8) char answer[2048];
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    const struct nlmsghdr *head = (const void *)answer;
    if (n < (ssize_t)sizeof *head)
        return -1;
    if (head->nlmsg_type == NLMSG_ERROR) // ENOENT: there is none
        return 0;
    if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
        return -1;
    const struct inet_diag_msg *m = NLMSG_DATA(head);
    // Where no connection has the addresses, the kernel answers with the listener on the port.
    if (m->idiag_state == STATE_LISTEN || m->id.idiag_dport != htons(peer->port))
        return 0;
    *found = (struct diag_socket){
        .state = m->idiag_state,
        .recv_q = m->idiag_rqueue,
        .send_q = m->idiag_wqueue,
        .timer = m->idiag_timer < TIMER_COUNT ? m->idiag_timer : TIMER_OFF,
        .expires_ns = m->idiag_timer ? m->idiag_expires * CLOCK_MS : 0,
        .retransmissions = m->idiag_retrans,
    };
    return 0;
}
