// Implementation of direction.h.
#include "packet/direction.h"

#include <stdlib.h>

#include "base/mem.h"
#include "packet/checksum.h"
#include "packet/frame.h"

void direction_init(struct direction *d, uint64_t seed, uint32_t wire, uint32_t end)
{
    *d = (struct direction){.plain = true};
    for (uint32_t i = 0; i < STREAM_COUNT; i++)
        chance_init(&d->streams[i], seed, wire, end, i);
}

void direction_fini(struct direction *d)
{
    free(d->waiting);
    d->waiting = NULL;
}

void direction_set(struct direction *d, const struct direction_settings *settings)
{
    const struct direction_settings *s = &d->settings;
    d->settings = *settings;
    d->plain = !s->jitter_ns && s->loss <= 0 && s->burst_enter <= 0 && s->reorder <= 0 &&
               s->duplicate <= 0 && s->corrupt <= 0 && !s->rate && !s->path_mtu && !s->black_hole;
    if (s->burst_enter <= 0)
        d->bad = false;
}

static bool hits(struct direction *d, enum direction_stream stream, double probability)
{
    return chance_hits(&d->streams[stream], probability);
}

// Packets whose turn has come wait no more.
static void let_start(struct direction *d, int64_t now_ns)
{
    while (d->count && d->waiting[d->first].start_ns <= now_ns) {
        d->waiting_bytes -= d->waiting[d->first].len;
        d->first = (d->first + 1) % d->cap;
        d->count--;
    }
}

static void wait_until(struct direction *d, int64_t start_ns, uint32_t len)
{
    if (d->count == d->cap) {
        uint32_t cap = d->cap ? d->cap * 2 : 64;
        struct direction_waiting *more = mem_new(cap * sizeof *more);
        for (uint32_t i = 0; i < d->count; i++)
            more[i] = d->waiting[(d->first + i) % d->cap];
        free(d->waiting);
        d->waiting = more;
        d->first = 0;
        d->cap = cap;
    }
    d->waiting[(d->first + d->count++) % d->cap] = (struct direction_waiting){start_ns, len};
    d->waiting_bytes += len;
}

static bool has_room(const struct direction *d, uint32_t len)
{
    const struct direction_settings *s = &d->settings;
    if (s->queue_is_bytes)
        return d->waiting_bytes + len <= s->queue;
    return d->count < (s->queue ? s->queue : DIRECTION_QUEUE);
}

// When the packet has left for the wire; -1: the queue is full.
static int64_t queue(struct direction *d, int64_t now_ns, uint32_t len, bool *marked)
{
    const struct direction_settings *s = &d->settings;
    if (!s->rate)
        return now_ns;
    let_start(d, now_ns);
    int64_t start_ns = now_ns > d->busy_ns ? now_ns : d->busy_ns;
    if (start_ns > now_ns) {
        if (!has_room(d, len))
            return -1;
        *marked = s->mark && (s->queue_is_bytes ? d->waiting_bytes : d->count) >= s->mark;
        wait_until(d, start_ns, len);
    }
    d->busy_ns = start_ns + (int64_t)((double)len * 8e9 / (double)s->rate);
    return d->busy_ns;
}

static enum direction_fate lose(struct direction *d)
{
    const struct direction_settings *s = &d->settings;
    bool lost = hits(d, STREAM_LOSS, s->loss);
    if (s->burst_enter > 0 && hits(d, STREAM_BURST, d->bad ? s->burst_leave : s->burst_enter))
        d->bad = !d->bad;
    bool lost_in_burst = hits(d, STREAM_BURST_LOSS, s->burst_loss) && d->bad;
    return lost_in_burst ? DIRECTION_LOST_IN_BURST : lost ? DIRECTION_LOST : DIRECTION_PASSES;
}

static int64_t jitter(struct direction *d)
{
    const struct direction_settings *s = &d->settings;
    struct chance *c = &d->streams[STREAM_JITTER];
    double share =
        s->distribution == DISTRIBUTION_NORMAL ? chance_normal(c) : 2 * chance_share(c) - 1;
    int64_t delay_ns = s->delay_ns + (int64_t)(share * (double)s->jitter_ns);
    return delay_ns > 0 ? delay_ns : 0;
}

static enum direction_fate measure(const struct direction_settings *s, uint32_t ip_len)
{
    if (s->black_hole && ip_len > s->black_hole)
        return DIRECTION_BLACK_HOLE;
    return s->path_mtu && ip_len > s->path_mtu ? DIRECTION_TOO_BIG : DIRECTION_PASSES;
}

// Not before the one it follows.
static int64_t in_order(struct direction *d, int64_t due_ns)
{
    return due_ns > d->last_due_ns ? due_ns : d->last_due_ns;
}

void direction_push(struct direction *d, int64_t now_ns, uint32_t len, uint32_t ip_len,
                    struct direction_verdict *v)
{
    const struct direction_settings *s = &d->settings;
    *v = (struct direction_verdict){.fate = DIRECTION_PASSES};
    if (d->plain) {
        v->due_ns = d->last_due_ns = in_order(d, now_ns + s->delay_ns);
        return;
    }
    enum direction_fate lost = lose(d);
    int64_t delay_ns = jitter(d);
    v->reordered = hits(d, STREAM_REORDER, s->reorder);
    v->duplicated = hits(d, STREAM_DUPLICATE, s->duplicate);
    v->corrupted = hits(d, STREAM_CORRUPT, s->corrupt);
    v->where = chance_bits(&d->streams[STREAM_WHERE]);
    v->fate = measure(s, ip_len);
    if (v->fate != DIRECTION_PASSES)
        return;
    int64_t left_ns = queue(d, now_ns, len, &v->marked);
    v->fate = left_ns < 0 ? DIRECTION_QUEUE_FULL : lost;
    if (v->fate != DIRECTION_PASSES)
        return;
    v->due_ns = in_order(d, left_ns + delay_ns);
    if (v->reordered)
        v->due_ns += s->reorder_by_ns ? s->reorder_by_ns : DIRECTION_REORDER_BY_NS;
    else
        d->last_due_ns = v->due_ns;
}

// 01 and 10 may be marked, 11 is the mark.
static bool mark_ip(uint8_t *ip, uint32_t len)
{
    uint32_t header = (ip[0] & 15u) * 4;
    if (len < 20 || header < 20 || header > len || (ip[1] & 3) == 0)
        return false;
    ip[1] |= 3;
    ip[10] = ip[11] = 0;
    uint16_t sum = checksum_end(checksum_add(0, ip, header));
    ip[10] = (uint8_t)(sum >> 8);
    ip[11] = (uint8_t)sum;
    return true;
}

bool direction_mark(uint8_t *frame, uint32_t len)
{
    uint8_t *ip = frame + FRAME_ETH_LEN;
    if (len < FRAME_ETH_LEN + 20)
        return false;
    if (frame[12] == 0x08 && frame[13] == 0x00 && ip[0] >> 4 == 4)
        return mark_ip(ip, len - FRAME_ETH_LEN);
    if (frame[12] != 0x86 || frame[13] != 0xdd || !(ip[1] & 0x30))
        return false;
    ip[1] |= 0x30;
    return true;
}

void direction_corrupt(uint8_t *frame, uint32_t len, uint64_t where)
{
    if (len <= FRAME_ETH_LEN)
        return;
    uint64_t bit = where % ((uint64_t)(len - FRAME_ETH_LEN) * 8);
    frame[FRAME_ETH_LEN + bit / 8] ^= (uint8_t)(1 << bit % 8);
}
