// Implementation of datagram.h.
#include "stage/datagram.h"

#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "stage/stage.h"

#define FRAGMENTED 8 // datagrams of which a host has some fragments, but not all

// Of one datagram.
struct pieces {
    struct addr from, to;
    uint32_t id; // fragment_id; 0: in no use
    size_t count;
    uint64_t packets[DATAGRAM_PACKETS];
};

struct fragments {
    struct pieces all[FRAGMENTED];
    size_t next; // to be used anew
};

void fragments_free(struct fragments *f)
{
    free(f);
}

void datagrams_open(struct sock *s)
{
    s->datagrams = mem_new(sizeof *s->datagrams);
    s->datagrams->sock = s;
    LIST_INSERT_HEAD(&s->host->datagrams, s->datagrams, link);
}

void datagrams_close(struct sock *s)
{
    struct datagrams *d = s->datagrams;
    struct sock *other = sock_next_double(s, NULL);
    s->datagrams = NULL;
    if (other) {
        d->sock = other;
        return;
    }
    LIST_REMOVE(d, link);
    ranges_fini(&d->packets);
    free(d);
}

void datagrams_bound(struct sock *s)
{
    struct addr own;
    if (s->datagrams && !s->datagrams->port && sock_address(s, false, &own) == 0)
        s->datagrams->port = own.port;
}

static uint32_t memory_of(const struct sock *s)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t len = sizeof info;
    getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, info, &len);
    return info[SK_MEMINFO_RMEM_ALLOC];
}

// Whether the frame may be for this socket, or tell an error of it.
static bool may_concern(const struct datagrams *d, const struct frame *f)
{
    if (d->sock->kind != SOCKET_UDP || f->fragment_offset)
        return true;
    return f->protocols & PROTOCOL_UDP ? f->to.port == d->port : f->about_from.port == d->port;
}

void datagram_before(const struct host *h, const struct frame *f)
{
    struct datagrams *d;
    LIST_FOREACH(d, &h->datagrams, link)
    if (may_concern(d, f) && memory_of(d->sock) != d->memory)
        d->unsure = true;
}

// The packets of the datagram that this one ends or is.
static size_t packets_of(struct host *h, const struct frame *f, uint64_t packet, uint64_t *ids)
{
    if (!f->fragment_id) {
        ids[0] = packet;
        return 1;
    }
    if (!h->fragments)
        h->fragments = mem_new(sizeof *h->fragments);
    struct fragments *all = h->fragments;
    struct pieces *p = NULL;
    struct addr from = f->from, to = f->to;
    from.port = to.port = 0; // which only the first fragment has
    for (size_t i = 0; i < FRAGMENTED && !p; i++)
        if (all->all[i].id == f->fragment_id &&
            memcmp(&all->all[i].from, &from, sizeof from) == 0 &&
            memcmp(&all->all[i].to, &to, sizeof to) == 0)
            p = &all->all[i];
    if (!p) {
        p = &all->all[all->next++ % FRAGMENTED];
        *p = (struct pieces){.from = from, .to = to, .id = f->fragment_id};
    }
    if (p->count < DATAGRAM_PACKETS)
        p->packets[p->count++] = packet;
    memcpy(ids, p->packets, p->count * sizeof *ids);
    return p->count;
}

// Whether what makes this socket's queue grow is the frame itself, and not an error that it tells.
static bool is_for(const struct sock *s, const struct frame *f)
{
    switch (s->kind) {
    case SOCKET_UDP:
        return frame_transport(f) == PROTOCOL_UDP;
    case SOCKET_ICMP:
        return f->message == MESSAGE_ECHO_REPLY;
    default:
        return true;
    }
}

static void add(struct datagrams *d, const uint64_t *ids, size_t count)
{
    uint64_t at = d->arrived++ * DATAGRAM_PACKETS;
    for (size_t i = 0; i < count; i++)
        ranges_add(&d->packets, at + i, at + i + 1, ids[i]);
}

void datagram_after(struct host *h, const struct frame *f, uint64_t packet)
{
    uint64_t ids[DATAGRAM_PACKETS];
    size_t count = packets_of(h, f, packet, ids);
    struct datagrams *d;
    LIST_FOREACH(d, &h->datagrams, link)
    {
        if (!may_concern(d, f))
            continue;
        uint32_t memory = memory_of(d->sock);
        if (memory > d->memory && !d->unsure && is_for(d->sock, f))
            add(d, ids, count);
        d->memory = memory;
        if (f->about_from.family && f->about_from.port == d->port)
            d->error = packet;
    }
}

static void look_again(const struct sock *s)
{
    struct datagrams *d = s->datagrams;
    d->memory = memory_of(s);
    if (d->memory)
        return;
    d->taken = d->arrived;
    d->unsure = false;
    ranges_drop(&d->packets, UINT64_MAX);
}

size_t datagram_taken(const struct sock *s, bool kept, uint64_t ids[DATAGRAM_PACKETS])
{
    struct datagrams *d = s->datagrams;
    uint64_t at = d->taken * DATAGRAM_PACKETS;
    size_t count = 0;
    if (!d->unsure && d->taken < d->arrived)
        count = ranges_find(&d->packets, at, at + DATAGRAM_PACKETS, ids, DATAGRAM_PACKETS);
    if (kept)
        return count;
    if (d->taken < d->arrived)
        d->taken++;
    ranges_drop(&d->packets, d->taken * DATAGRAM_PACKETS);
    look_again(s);
    return count;
}

void datagram_error_taken(const struct sock *s)
{
    look_again(s);
}

size_t datagrams_waiting(const struct datagrams *d, uint64_t *ids, size_t most)
{
    return d->unsure ? 0 : ranges_find(&d->packets, 0, UINT64_MAX, ids, most);
}
