// Implementation of held.h.
#include "record/held.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static struct held_packet *at(const struct held *h, size_t i)
{
    return &h->ring[(h->first + i) % HELD_MAX];
}

void held_fini(struct held *h)
{
    while (h->count)
        held_pop(h);
    free(h->ring);
    *h = (struct held){0};
}

bool held_full(const struct held *h)
{
    return h->count == HELD_MAX || h->bytes > HELD_BYTES_MAX;
}

struct held_packet *held_push(struct held *h, const struct event *packet)
{
    if (!h->ring)
        h->ring = mem_new(HELD_MAX * sizeof *h->ring);
    struct held_packet *p = at(h, h->count++);
    *p = (struct held_packet){.id = packet->id, .event = mem_new(packet->len)};
    memcpy(p->event, packet, packet->len);
    h->bytes += packet->len;
    return p;
}

struct held_packet *held_first(const struct held *h)
{
    return h->count ? at(h, 0) : NULL;
}

struct held_packet *held_last(const struct held *h)
{
    return h->count ? at(h, h->count - 1) : NULL;
}

struct held_packet *held_find(const struct held *h, uint64_t id)
{
    size_t low = 0, high = h->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (at(h, middle)->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < h->count && at(h, low)->id == id ? at(h, low) : NULL;
}

void held_pop(struct held *h)
{
    struct held_packet *p = at(h, 0);
    h->bytes -= p->event->len;
    free(p->event);
    buf_fini(&p->comments);
    h->first = (h->first + 1) % HELD_MAX;
    h->count--;
}
