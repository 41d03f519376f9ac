// Implementation of iface.h, on libnl's messages.
#include "kernel/iface.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <string.h>

#define TAP_QUEUE_LEN 10000

static bool stretched; // see iface_stretch_timers()

void iface_stretch_timers(void)
{
    stretched = true;
}

static struct nl_sock *open_route_socket(struct err *err)
{
    struct nl_sock *sock = nl_socket_alloc();
    int failed = sock ? nl_connect(sock, NETLINK_ROUTE) : -NLE_NOMEM;
    if (failed) {
        err_set(err, "cannot talk to the kernel's routing: %s", nl_geterror(failed));
        nl_socket_free(sock);
        return NULL;
    }
    return sock;
}

// Sends the message, frees it and waits for the kernel's answer: 0 or a negative NLE_ code.
static int ask(struct nl_sock *sock, struct nl_msg *m)
{
    int n = nl_send_auto(sock, m);
    nlmsg_free(m);
    return n < 0 ? n : nl_wait_for_ack(sock);
}

static struct nl_msg *message(int type, int flags, const void *head, size_t len)
{
    struct nl_msg *m = nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_ACK | flags);
    nlmsg_append(m, (void *)head, len, NLMSG_ALIGNTO);
    return m;
}

static int set_link(struct nl_sock *sock, int index, const struct iface_setup *setup, bool up)
{
    struct ifinfomsg head = {
        .ifi_index = index, .ifi_change = up ? IFF_UP : 0, .ifi_flags = up ? IFF_UP : 0};
    struct nl_msg *m = message(RTM_NEWLINK, 0, &head, sizeof head);
    if (setup) {
        nla_put(m, IFLA_ADDRESS, 6, setup->mac);
        nla_put_u32(m, IFLA_MTU, setup->mtu);
        nla_put_u32(m, IFLA_TXQLEN, TAP_QUEUE_LEN);
    }
    return ask(sock, m);
}

static int set_no_queue(struct nl_sock *sock, int index)
{
    struct tcmsg head = {.tcm_ifindex = index, .tcm_parent = TC_H_ROOT};
    struct nl_msg *m = message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof head);
    nla_put_string(m, TCA_KIND, "noqueue");
    return ask(sock, m);
}

static size_t address_len(const struct addr *a)
{
    return a->family == 6 ? 16 : 4;
}

static int add_address(struct nl_sock *sock, int index, const struct addr *a, uint8_t prefix)
{
    struct ifaddrmsg head = {.ifa_family = a->family == 6 ? AF_INET6 : AF_INET,
                             .ifa_prefixlen = prefix,
                             .ifa_index = (unsigned)index};
    struct nl_msg *m = message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof head);
    nla_put(m, IFA_LOCAL, (int)address_len(a), a->bytes);
    nla_put(m, IFA_ADDRESS, (int)address_len(a), a->bytes);
    nla_put_u32(m, IFA_FLAGS,
                IFA_F_NOPREFIXROUTE | IFA_F_NODAD); // the route is ours, see add_route
    return ask(sock, m);
}

// The route carries the congestion control, so that accepted sockets and real programs have it too.
static int add_route(struct nl_sock *sock, int index, const struct iface_path *path)
{
    const struct addr *to = &path->network;
    bool direct = path->via.family == 0;
    struct rtmsg head = {.rtm_family = to->family == 6 ? AF_INET6 : AF_INET,
                         .rtm_dst_len = path->prefix,
                         .rtm_table = RT_TABLE_MAIN,
                         .rtm_protocol = RTPROT_STATIC,
                         .rtm_scope = direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
                         .rtm_type = RTN_UNICAST};
    uint8_t network[16] = {0}, prefix = path->prefix;
    memcpy(network, to->bytes, prefix / 8);
    if (prefix % 8)
        network[prefix / 8] = to->bytes[prefix / 8] & (uint8_t)(0xff00 >> prefix % 8);
    struct nl_msg *m = message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof head);
    nla_put(m, RTA_DST, (int)address_len(to), network);
    nla_put(m, RTA_PREFSRC, (int)address_len(to), path->source.bytes);
    nla_put_u32(m, RTA_OIF, (uint32_t)index);
    if (!direct)
        nla_put(m, RTA_GATEWAY, (int)address_len(to), path->via.bytes);
    struct nlattr *metrics = nla_nest_start(m, RTA_METRICS);
    nla_put_string(m, RTAX_CC_ALGO, "cubic");
    if (stretched) {
        nla_put_u32(m, RTAX_RTO_MIN, IFACE_RTO_MIN_S * 1000);
        nla_put_u32(m, RTAX_LOCK, 1u << RTAX_RTO_MIN); // without it the value is not looked at
    }
    nla_nest_end(m, metrics);
    return ask(sock, m);
}

// An address, and the route to its network.
static int give_address(struct nl_sock *sock, int index, const struct addr *a, uint8_t prefix)
{
    const struct iface_path own = {.network = *a, .prefix = prefix, .source = *a};
    int failed = add_address(sock, index, a, prefix);
    return failed ? failed : add_route(sock, index, &own);
}

int iface_up(const struct iface_setup *setup, struct err *err)
{
    struct nl_sock *sock = open_route_socket(err);
    if (!sock)
        return -1;
    int index = (int)if_nametoindex(setup->name), failed;
    const char *what = "address and MTU";
    if ((failed = set_link(sock, index, setup, false)) == 0) {
        what = "queueing discipline noqueue";
        if ((failed = set_link(sock, index, NULL, true)) == 0 &&
            (failed = set_no_queue(sock, index)) == 0) {
            what = "IP address and route";
            failed = give_address(sock, index, &setup->address, setup->prefix);
            if (!failed && setup->address6.family)
                failed = give_address(sock, index, &setup->address6, setup->prefix6);
        }
    }
    nl_socket_free(sock);
    if (failed)
        return err_set(err, "cannot set %s of %s: %s", what, setup->name, nl_geterror(failed));
    return 0;
}

int iface_route(const char *name, const struct iface_path *path, struct err *err)
{
    struct nl_sock *sock = open_route_socket(err);
    if (!sock)
        return -1;
    int failed = add_route(sock, (int)if_nametoindex(name), path);
    nl_socket_free(sock);
    return failed ? err_set(err, "cannot add a route through %s: %s", name, nl_geterror(failed))
                  : 0;
}

int iface_neighbour(const char *name, const struct addr *address, const uint8_t mac[6],
                    struct err *err)
{
    struct nl_sock *sock = open_route_socket(err);
    if (!sock)
        return -1;
    struct ndmsg head = {.ndm_family = address->family == 6 ? AF_INET6 : AF_INET,
                         .ndm_ifindex = (int)if_nametoindex(name),
                         .ndm_state = NUD_PERMANENT};
    struct nl_msg *m = message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof head);
    nla_put(m, NDA_DST, (int)address_len(address), address->bytes);
    nla_put(m, NDA_LLADDR, 6, mac);
    int failed = ask(sock, m);
    nl_socket_free(sock);
    return failed ? err_set(err, "cannot set a neighbour behind %s: %s", name, nl_geterror(failed))
                  : 0;
}

int iface_loopback_up(struct err *err)
{
    struct nl_sock *sock = open_route_socket(err);
    if (!sock)
        return -1;
    int failed = set_link(sock, (int)if_nametoindex("lo"), NULL, true);
    nl_socket_free(sock);
    return failed ? err_set(err, "cannot bring up lo: %s", nl_geterror(failed)) : 0;
}

int iface_set_mtu(const char *name, uint32_t mtu, struct err *err)
{
    struct nl_sock *sock = open_route_socket(err);
    if (!sock)
        return -1;
    struct ifinfomsg head = {.ifi_index = (int)if_nametoindex(name)};
    struct nl_msg *m = message(RTM_NEWLINK, 0, &head, sizeof head);
    nla_put_u32(m, IFLA_MTU, mtu);
    int failed = ask(sock, m);
    nl_socket_free(sock);
    return failed ? err_set(err, "cannot set the MTU of %s: %s", name, nl_geterror(failed)) : 0;
}

static int keep_tx_dropped(struct nl_msg *m, void *arg)
{
    int64_t *dropped = arg;
    struct nlattr *stats = nlmsg_find_attr(nlmsg_hdr(m), sizeof(struct ifinfomsg), IFLA_STATS64);
    if (stats)
        *dropped = (int64_t)((struct rtnl_link_stats64 *)nla_data(stats))->tx_dropped;
    return NL_OK;
}

int64_t iface_tx_dropped(const char *name)
{
    int64_t dropped = -1;
    struct nl_sock *sock = open_route_socket(NULL);
    if (!sock)
        return -1;
    nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, keep_tx_dropped, &dropped);
    struct ifinfomsg head = {.ifi_index = (int)if_nametoindex(name)};
    struct nl_msg *m = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST);
    nlmsg_append(m, &head, sizeof head, NLMSG_ALIGNTO);
    if (nl_send_auto(sock, m) >= 0)
        nl_recvmsgs_default(sock);
    nlmsg_free(m);
    nl_socket_free(sock);
    return dropped;
}
