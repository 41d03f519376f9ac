// sent: which packet carried which sequence numbers last, for one direction of a TCP connection.
//
// Owns its array. A zeroed struct is empty. Ranges are half open and modulo 2^32; all that are kept
// lie within 2^31.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Ranges kept although they were acknowledged: the acknowledgment may get lost behind this point.
#define SENT_HISTORY 256
// More than any window holds; beyond that the oldest are forgotten.
#define SENT_MAX 65536

struct sent_range {
    uint32_t seq, end;
    uint64_t id;
};

struct sent {
    struct sent_range *ranges; // (owned) in use: [head, head + count), in order, without overlaps
    uint32_t head, count, cap;
    uint32_t passed; // how many at the front are acknowledged
    uint32_t ack;    // up to here; valid if any was acknowledged
};

void sent_fini(struct sent *s); // frees, leaves an empty one

// The packet that carried `seq` last; false if it is not known (any more), *id is left alone then.
bool sent_find(const struct sent *s, uint32_t seq, uint64_t *id);

// `id` has carried [seq, end), all or parts of which others may have carried before. Constant time
// (amortised) at the end of what was sent; linear in the ranges kept elsewhere.
void sent_put(struct sent *s, uint32_t seq, uint32_t end, uint64_t id);

// All before `ack` is acknowledged. Amortised constant time.
void sent_pass(struct sent *s, uint32_t ack);
