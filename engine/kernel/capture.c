// Implementation of capture.h: TPACKET_V2, since with it a frame is there as soon as the kernel has
// sent it, and since the ring's memory does not count against net.core.rmem_max.
#include "kernel/capture.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#define SLOT_LEN (68 * 1024)    // the largest frame and the kernel's header
#define BLOCK_LEN (1024 * 1024) // memory that the kernel takes at once
#define BLOCKS 8
#define SLOTS_PER_BLOCK (BLOCK_LEN / SLOT_LEN)
#define SLOTS (SLOTS_PER_BLOCK * BLOCKS)

struct capture {
    int fd;
    uint8_t *ring; // (owned) mapped
    unsigned at;   // the slot that is next
    bool taken;    // the one before was given out, and goes back to the kernel
};

static struct tpacket2_hdr *slot(const struct capture *c, unsigned n)
{
    size_t off = (size_t)(n / SLOTS_PER_BLOCK) * BLOCK_LEN + n % SLOTS_PER_BLOCK * (size_t)SLOT_LEN;
    return (void *)(c->ring + off);
}

static int set_up(struct capture *c, const char *interface)
{
    const int version = TPACKET_V2, incoming = 1; // each frame comes once: not as sent too
    const struct tpacket_req ring = {.tp_block_size = BLOCK_LEN,
                                     .tp_block_nr = BLOCKS,
                                     .tp_frame_size = SLOT_LEN,
                                     .tp_frame_nr = SLOTS};
    const struct sockaddr_ll at = {.sll_family = AF_PACKET,
                                   .sll_protocol = htons(ETH_P_ALL),
                                   .sll_ifindex = (int)if_nametoindex(interface)};
    if (setsockopt(c->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
        setsockopt(c->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &incoming, sizeof incoming) != 0 ||
        setsockopt(c->fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring) != 0)
        return -1;
    void *memory =
        mmap(NULL, (size_t)BLOCK_LEN * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
    if (memory == MAP_FAILED)
        return -1;
    c->ring = memory;
    return bind(c->fd, (const void *)&at, sizeof at);
}

struct capture *capture_open(const char *interface, struct err *err)
{
    struct capture *c = mem_new(sizeof *c);
    c->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd >= 0 && set_up(c, interface) == 0)
        return c;
    err_errno(err, "cannot look at %s", interface);
    capture_close(c);
    return NULL;
}

void capture_close(struct capture *c)
{
    if (!c)
        return;
    if (c->ring)
        munmap(c->ring, (size_t)BLOCK_LEN * BLOCKS);
    if (c->fd >= 0)
        close(c->fd);
    free(c);
}

int capture_fd(const struct capture *c)
{
    return c->fd;
}

const uint8_t *capture_next(struct capture *c, uint32_t *len)
{
    if (c->taken) {
        __atomic_store_n(&slot(c, c->at)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        c->at = (c->at + 1) % SLOTS;
        c->taken = false;
    }
    const struct tpacket2_hdr *head = slot(c, c->at);
    if (!(__atomic_load_n(&head->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
        return NULL;
    c->taken = true;
    *len = head->tp_snaplen;
    return (const uint8_t *)head + head->tp_mac;
}

uint32_t capture_lost(const struct capture *c)
{
    struct tpacket_stats stats = {0};
    socklen_t len = sizeof stats;
    return getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0 ? stats.tp_drops : 0;
}
