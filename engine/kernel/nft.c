// Implementation of nft.h, on libnftables, which opens nothing but its netlink socket here.
#include "kernel/nft.h"

#include <errno.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WHY 120

// libnftables ends the process if it finds no netlink of netfilter's: look before.
static int find_netfilter(void)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (fd < 0)
        return -1;
    close(fd);
    return 0;
}

// -1 if the kernel or the library objects, `why` has the first line of what it says.
static int run(const char *commands, char why[WHY])
{
    if (find_netfilter() != 0) {
        snprintf(why, WHY, "%s", strerror(errno));
        return -1;
    }
    struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
    snprintf(why, WHY, "out of memory");
    if (!nft)
        return -1;
    int failed = nft_ctx_buffer_output(nft) || nft_ctx_buffer_error(nft);
    if (!failed && (failed = nft_run_cmd_from_buffer(nft, commands))) {
        const char *said = nft_ctx_get_error_buffer(nft);
        snprintf(why, WHY, "%.*s", (int)strcspn(said, "\n"), said);
    }
    nft_ctx_free(nft);
    return failed ? -1 : 0;
}

int nft_run(const char *commands, struct err *err)
{
    char why[WHY];
    struct obstacle o;
    if (run(commands, why) == 0)
        return 0;
    obstacle_rules(why, &o);
    return obstacle_err(&o, "no rules for routers", err);
}

void nft_try(struct obstacle *o)
{
    static const char all[] = "table inet wirescene {\n"
                              "  chain prerouting { type nat hook prerouting priority dstnat;\n"
                              "    fib daddr type local meta l4proto { tcp, udp } th dport 80 "
                              "dnat ip to 10.1.0.1:80; }\n"
                              "  chain postrouting { type nat hook postrouting priority srcnat;\n"
                              "    oifname \"eth0\" masquerade; }\n"
                              "  chain forward { type filter hook forward priority filter;\n"
                              "    iifname \"eth0\" oifname \"eth1\" drop; }\n"
                              "}\n";
    char why[WHY];
    *o = (struct obstacle){0};
    if (run(all, why) != 0)
        obstacle_rules(why, o);
}
