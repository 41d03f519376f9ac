// Implementation of diag.h.
#include "kernel/diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"

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

static int ask(int fd, uint16_t type, uint16_t flags, const struct addr *local,
               const struct addr *peer)
{
    struct request r = {
        .head = {.nlmsg_len = sizeof r, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags},
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
    ask(fd, SOCK_DESTROY, 0, local, peer);
}

static struct diag_socket socket_of(const struct inet_diag_msg *m)
{
    return (struct diag_socket){
        .state = m->idiag_state,
        .recv_q = m->idiag_rqueue,
        .send_q = m->idiag_wqueue,
        .timer = m->idiag_timer < TIMER_COUNT ? m->idiag_timer : TIMER_OFF,
        .expires_ns = m->idiag_timer ? m->idiag_expires * CLOCK_MS : 0,
        .retransmissions = m->idiag_retrans,
    };
}

int diag_find(int fd, const struct addr *local, const struct addr *peer, struct diag_socket *found)
{
    *found = (struct diag_socket){.state = STATE_CLOSE};
    if (ask(fd, SOCK_DIAG_BY_FAMILY, 0, local, peer) != 0)
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
    *found = socket_of(m);
    return 0;
}

static void take_row(const struct inet_diag_msg *m, struct diag_row *row)
{
    *row = (struct diag_row){.local = {.family = 4, .port = ntohs(m->id.idiag_sport)},
                             .peer = {.family = 4, .port = ntohs(m->id.idiag_dport)},
                             .socket = socket_of(m)};
    memcpy(row->local.bytes, m->id.idiag_src, 4);
    memcpy(row->peer.bytes, m->id.idiag_dst, 4);
}

ssize_t diag_list(int fd, struct diag_row **rows)
{
    const struct addr any = {.family = 4};
    _Alignas(8) char answer[32768];
    size_t count = 0, cap = 0;
    *rows = NULL;
    if (ask(fd, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &any, &any) != 0)
        return -1;
    for (;;) {
        ssize_t n = recv(fd, answer, sizeof answer, 0);
        if (n < 0)
            return -1;
        const struct nlmsghdr *head = (const void *)answer;
        for (; NLMSG_OK(head, n); head = NLMSG_NEXT(head, n)) {
            if (head->nlmsg_type == NLMSG_DONE || head->nlmsg_type == NLMSG_ERROR)
                return (ssize_t)count;
            if (count == cap) {
                cap = cap ? cap * 2 : 16;
                *rows = mem_resize(*rows, cap * sizeof **rows);
            }
            take_row(NLMSG_DATA(head), &(*rows)[count++]);
        }
    }
}
