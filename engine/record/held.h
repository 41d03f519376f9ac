// held: packets that are not written yet, because what became of them is not known yet.
//
// A queue in order of id, of at most HELD_MAX packets and HELD_BYTES_MAX bytes of frames. Owns
// copies of the events.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "event/event.h"

#define HELD_MAX 4096
#define HELD_BYTES_MAX (32 * 1024 * 1024)

struct held_packet {
    uint64_t id;
    uint32_t interface;  // number in the file
    bool settled;        // its last `arrive` has come
    struct event *event; // (owned)
    struct buf comments; // texts, each with a NUL behind it
};

struct held {
    struct held_packet *ring; // (owned) HELD_MAX places, NULL at first
    size_t first, count, bytes;
};

void held_fini(struct held *h);
bool held_full(const struct held *h);
struct held_packet *held_push(struct held *h, const struct event *packet); // must not be full
struct held_packet *held_first(const struct held *h);                      // NULL when empty
struct held_packet *held_last(const struct held *h);                       // NULL when empty
struct held_packet *held_find(const struct held *h, uint64_t id);          // NULL: not held
void held_pop(struct held *h);                                             // takes the first away
