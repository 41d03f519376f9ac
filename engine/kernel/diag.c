// Implementation of diag.h.
#include "kernel/diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "event/addr.h"

int diag_open(struct err *err)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return err_errno(err, "cannot ask the kernel about sockets (NETLINK_SOCK_DIAG)");
    return fd;
}

// What ss(8) shows. Sockets that are bound and nothing more are not among it (TCP_BOUND_INACTIVE,
// since Linux 6.8).
#define STATES ((1u << 13) - 1)

struct request {
    struct nlmsghdr head;
    struct inet_diag_req_v2 body;
};

// `extension`: INET_DIAG_… that the answer shall have; 0: none.
static int ask(int fd, uint16_t type, uint16_t flags, int extension, const struct addr *local,
               const struct addr *peer)
{
    struct request r = {
        .head = {.nlmsg_len = sizeof r, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags},
        .body = {.sdiag_family = local->family == 6 ? AF_INET6 : AF_INET,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_ext = extension ? (uint8_t)(1 << (extension - 1)) : 0,
                 .idiag_states = STATES},
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
    ask(fd, SOCK_DESTROY, 0, 0, local, peer);
}

static struct diag_socket socket_of(const struct inet_diag_msg *m)
{
    return (struct diag_socket){
        .state = m->idiag_state < STATE_COUNT ? m->idiag_state : STATE_CLOSE,
        .recv_q = m->idiag_rqueue,
        .send_q = m->idiag_wqueue,
        .timer = m->idiag_timer < TIMER_COUNT ? m->idiag_timer : TIMER_OFF,
        .expires_ns = m->idiag_timer ? m->idiag_expires * CLOCK_MS : 0,
        .retransmits = m->idiag_retrans,
    };
}

// An answer about one socket.
struct answer {
    _Alignas(8) char bytes[2048];
    const struct inet_diag_msg *message; // NULL: there is no such socket
    const struct rtattr *attributes;
    int attributes_len;
};

static int look_up(int fd, int extension, const struct addr *local, const struct addr *peer,
                   struct answer *a)
{
    a->message = NULL;
    if (ask(fd, SOCK_DIAG_BY_FAMILY, 0, extension, local, peer) != 0)
        return -1;
    ssize_t n = recv(fd, a->bytes, sizeof a->bytes, 0);
    const struct nlmsghdr *head = (const void *)a->bytes;
    if (n < (ssize_t)sizeof *head)
        return -1;
    if (head->nlmsg_type == NLMSG_ERROR) // ENOENT: there is none
        return 0;
    if (n < (ssize_t)NLMSG_LENGTH(sizeof *a->message))
        return -1;
    a->message = NLMSG_DATA(head);
    a->attributes = (const void *)(a->message + 1);
    a->attributes_len = (int)(n - (ssize_t)NLMSG_LENGTH(sizeof *a->message));
    return 0;
}

// Where no connection has the addresses, the kernel answers with the listener on the port.
static bool is_connection(const struct answer *a, const struct addr *peer)
{
    const struct inet_diag_msg *m = a->message;
    return m && m->idiag_state != STATE_LISTEN && m->id.idiag_dport == htons(peer->port);
}

int diag_find(int fd, const struct addr *local, const struct addr *peer, struct diag_socket *found)
{
    struct answer a;
    *found = (struct diag_socket){.state = STATE_CLOSE};
    if (look_up(fd, 0, local, peer, &a) != 0)
        return -1;
    if (is_connection(&a, peer))
        *found = socket_of(a.message);
    return 0;
}

int diag_listener(int fd, const struct addr *local, struct diag_socket *found)
{
    struct answer a;
    const struct addr none = {.family = local->family};
    *found = (struct diag_socket){.state = STATE_CLOSE};
    if (look_up(fd, 0, local, &none, &a) != 0)
        return -1;
    if (a.message && a.message->idiag_state == STATE_LISTEN)
        *found = socket_of(a.message);
    return 0;
}

// "No limit" is the largest number there is; a recording has none so large.
static uint64_t limited(uint64_t n)
{
    return n < EVENT_NUMBER_MAX ? n : EVENT_NUMBER_MAX;
}

static void take_figures(struct event_tcp *to, const struct tcp_info *i)
{
    // clang-format off
#define TAKE(name) to->name = i->tcpi_##name
    TAKE(ca_state), TAKE(retransmits), TAKE(probes), TAKE(backoff), TAKE(rto), TAKE(ato), TAKE(snd_mss), TAKE(rcv_mss);
    TAKE(unacked), TAKE(sacked), TAKE(lost), TAKE(retrans), TAKE(total_retrans), TAKE(rtt), TAKE(rttvar), TAKE(min_rtt);
    TAKE(snd_cwnd), TAKE(snd_ssthresh), TAKE(snd_wnd), TAKE(rcv_ssthresh), TAKE(rcv_space), TAKE(reordering);
    TAKE(notsent_bytes), TAKE(busy_time), TAKE(rwnd_limited), TAKE(sndbuf_limited);
#undef TAKE
    // clang-format on
    to->pacing_rate = limited(i->tcpi_pacing_rate);
    to->delivery_rate = limited(i->tcpi_delivery_rate);
}

int diag_figures(int fd, const struct addr *local, const struct addr *peer,
                 struct event_tcp *figures)
{
    struct answer a;
    if (look_up(fd, INET_DIAG_INFO, local, peer, &a) != 0 || !is_connection(&a, peer))
        return -1;
    for (const struct rtattr *at = a.attributes; RTA_OK(at, a.attributes_len);
         at = RTA_NEXT(at, a.attributes_len)) {
        struct tcp_info info = {0}; // an older kernel knows less of it
        if (at->rta_type != INET_DIAG_INFO)
            continue;
        memcpy(&info, RTA_DATA(at), RTA_PAYLOAD(at) < sizeof info ? RTA_PAYLOAD(at) : sizeof info);
        take_figures(figures, &info);
        return 0;
    }
    return -1;
}

// Hands over every TCP socket of the family, in the kernel's order. -1 with errno.
static int each(int fd, uint8_t family, void (*take)(void *, const struct inet_diag_msg *),
                void *arg)
{
    const struct addr any = {.family = family};
    _Alignas(8) char answer[32768];
    if (ask(fd, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, 0, &any, &any) != 0)
        return -1;
    for (;;) {
        ssize_t n = recv(fd, answer, sizeof answer, 0);
        if (n < 0)
            return -1;
        const struct nlmsghdr *head = (const void *)answer;
        for (; NLMSG_OK(head, n); head = NLMSG_NEXT(head, n)) {
            // An error: a kernel without IPv6 has no such sockets.
            if (head->nlmsg_type == NLMSG_DONE || head->nlmsg_type == NLMSG_ERROR)
                return 0;
            take(arg, NLMSG_DATA(head));
        }
    }
}

static int each_family(int fd, void (*take)(void *, const struct inet_diag_msg *), void *arg)
{
    return each(fd, 4, take, arg) != 0 ? -1 : each(fd, 6, take, arg);
}

struct list {
    struct diag_row *rows;
    size_t count, cap;
};

static void take_row(void *arg, const struct inet_diag_msg *m)
{
    struct list *l = arg;
    if (l->count == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 16;
        l->rows = mem_resize(l->rows, l->cap * sizeof *l->rows);
    }
    uint8_t family = m->idiag_family == AF_INET6 ? 6 : 4;
    struct diag_row *row = &l->rows[l->count++];
    *row = (struct diag_row){.local = {.family = family, .port = ntohs(m->id.idiag_sport)},
                             .peer = {.family = family, .port = ntohs(m->id.idiag_dport)},
                             .socket = socket_of(m)};
    memcpy(row->local.bytes, m->id.idiag_src, family == 6 ? 16 : 4);
    memcpy(row->peer.bytes, m->id.idiag_dst, family == 6 ? 16 : 4);
    addr_unmap(&row->local);
    addr_unmap(&row->peer);
}

ssize_t diag_list(int fd, struct diag_row **rows)
{
    struct list list = {0};
    int failed = each_family(fd, take_row, &list);
    *rows = list.rows;
    return failed ? -1 : (ssize_t)list.count;
}

static void count_state(void *arg, const struct inet_diag_msg *m)
{
    uint32_t *states = arg;
    if (m->idiag_state < STATE_COUNT)
        states[m->idiag_state]++;
}

int diag_count(int fd, uint32_t states[STATE_COUNT])
{
    memset(states, 0, STATE_COUNT * sizeof *states);
    return each_family(fd, count_state, states);
}
