// Implementation of track.h.
//
// Theory of operation. A stream has two sides, one for each sender. A side knows the sequence space
// that its end has used (`next`), how far the other end has acknowledged it (`acked`), and what it
// has announced itself (`last_ack`, `window`). `sent` says which packet carried which numbers last;
// it keeps what is not yet acknowledged and a little of what is, since an acknowledgment that was
// seen here may still get lost, and then the segment comes again. A packet is judged against that
// state first and changes it after.
//
// All comparisons of sequence numbers are modulo 2^32 (RFC 9293, 3.4).
#include "packet/track.h"

#include <stdlib.h>
#include <string.h>
#define uthash_fatal(message) abort()
#include <uthash.h>

#include "base/mem.h"
#include "packet/sent.h"

struct side {
    bool based;      // `base` is set
    bool syn;        // its SYN was seen: `base` is its initial sequence number, not a guess
    bool syn_ack;    // its SYN was seen with ACK
    bool seen;       // it has sent something other than RST: next and acked are valid
    bool acks;       // it has acknowledged something: last_ack and ack_id are valid
    bool syn_window; // `window` stood in a SYN, and the next one may differ by its scale alone
    bool probing;    // its last packet was a keepalive or a probe
    int8_t scale;    // shift of its windows, -1: its SYN had no such option
    uint32_t base;   // relative numbers count from here
    uint32_t next;   // behind the highest number sent
    uint32_t probed; // as `next`, but with the byte of a window probe, which may or may not have
                     // been taken
    uint32_t acked;  // behind the highest number acknowledged by the other side
    uint32_t last_ack, window;
    uint64_t ack_id; // the first packet with last_ack
    struct sent sent;
};

// Both directions have one key: the lower end first.
struct key {
    struct {
        uint8_t bytes[16];
        uint32_t port;
    } ends[2];
    uint32_t family;
};

struct track_stream {
    struct key key;
    int first;  // the end in `key` that sent the first packet
    bool reset; // a RST was seen
    uint32_t number;
    struct side sides[2];       // by direction
    struct track_stream *older; // (owned) the incarnation of the 4-tuple before this one
    UT_hash_handle hh;
};

struct track {
    struct track_stream *streams; // (owned) the newest incarnation of each 4-tuple
};

// What is asked of a packet again and again.
struct segment {
    const struct frame *f;
    uint64_t id;
    uint32_t seq, end; // the sequence numbers it takes up: SYN and FIN count one each
    uint32_t len;      // of its data
    bool syn, fin, rst, ack;
};

static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

struct track *track_new(void)
{
    return mem_new(sizeof(struct track));
}

static void side_fini(struct side *s)
{
    sent_fini(&s->sent);
}

void track_free(struct track *t)
{
    if (!t)
        return;
    struct track_stream *stream, *next;
    HASH_ITER(hh, t->streams, stream, next) {
        HASH_DEL(t->streams, stream); // NOLINT(clang-analyzer-unix.Malloc): lost in uthash's macros
        for (struct track_stream *older; stream; stream = older) {
            older = stream->older;
            side_fini(&stream->sides[0]);
            side_fini(&stream->sides[1]);
            free(stream);
        }
    }
    free(t);
}

uint32_t track_number(const struct track_stream *s)
{
    return s->number;
}

void track_set_number(struct track_stream *s, uint32_t number)
{
    s->number = number;
}

// Fills the key; returns which of its ends is the sender.
static int key_of(struct key *key, const struct addr *from, const struct addr *to)
{
    memset(key, 0, sizeof(*key));
    int order = memcmp(from->bytes, to->bytes, sizeof(from->bytes));
    int sender = order > 0 || (order == 0 && from->port > to->port);
    key->family = from->family;
    memcpy(key->ends[sender].bytes, from->bytes, sizeof(from->bytes));
    key->ends[sender].port = from->port;
    memcpy(key->ends[!sender].bytes, to->bytes, sizeof(to->bytes));
    key->ends[!sender].port = to->port;
    return sender;
}

// Whether a packet with SYN belongs to the stream that its addresses had until now; `me` sent it.
static bool goes_on(const struct track_stream *stream, const struct side *me,
                    const struct side *peer, const struct segment *g)
{
    if (me->syn && me->base == g->seq)
        return true; // repeated
    if (g->ack && peer->syn && g->f->ack == peer->base + 1)
        return true; // the answer, perhaps a second one by a server that had forgotten its first
    if (me->seen || stream->reset)
        return false;
    // Both ends opened at once, or the SYN was overtaken by its answer.
    return !me->based || me->base == g->seq || g->ack;
}

static struct track_stream *find_stream(struct track *t, const struct segment *g,
                                        struct track_verdict *v)
{
    struct key key;
    int sender = key_of(&key, &g->f->from, &g->f->to);
    struct track_stream *stream;
    HASH_FIND(hh, t->streams, &key, sizeof(key), stream);
    if (stream) {
        v->direction = sender != stream->first;
        struct side *me = &stream->sides[v->direction], *peer = &stream->sides[!v->direction];
        if (!g->syn || g->rst || goes_on(stream, me, peer, g))
            return stream;
        HASH_DEL(t->streams, stream);
        side_fini(&stream->sides[0]);
        side_fini(&stream->sides[1]);
    }
    struct track_stream *fresh = mem_new(sizeof(*fresh));
    fresh->key = key;
    fresh->first = sender;
    fresh->older = stream;
    fresh->sides[0].scale = fresh->sides[1].scale = -1;
    HASH_ADD(hh, t->streams, key, sizeof(key), fresh);
    v->fresh = true;
    v->direction = 0;
    return fresh;
}

// From which number both sides count. A SYN says it; without one the first number seen becomes 1,
// as Wireshark does.
static void set_bases(struct side *me, struct side *peer, const struct segment *g)
{
    if (g->syn && !g->rst && !(me->syn && me->base == g->seq)) {
        sent_fini(&me->sent);
        me->based = me->syn = true;
        me->syn_ack = me->seen = me->acks = false;
        me->base = g->seq;
    } else if (!me->based) {
        me->based = true;
        me->base = g->seq - 1;
    }
    if (g->ack && !peer->based) {
        peer->based = true;
        peer->base = g->f->ack - 1;
    }
    if (!me->seen && !g->rst) {
        me->seen = true;
        me->next = me->probed = me->acked = g->seq;
    }
}

static uint32_t window_of(const struct side *me, const struct side *peer, const struct segment *g)
{
    if (g->syn || me->scale < 0 || peer->scale < 0)
        return g->f->window;
    return (uint32_t)g->f->window << me->scale;
}

// Keepalive and window probe look alike: both ask for an answer with a number that was used before.
// Linux sends them without data. One with a byte is told from a repeated byte by PSH, which a
// sender sets on the end of what was written.
static enum packet_note judge_probe(const struct side *me, const struct side *peer,
                                    const struct segment *g)
{
    if (g->len > 1 || g->syn || g->fin)
        return NOTE_NONE;
    bool closed = peer->seen && peer->window == 0;
    if (closed && g->len == 1 && g->seq == me->next)
        return NOTE_WINDOW_PROBE;
    if (closed && g->len == 0 && g->seq == me->acked - 1)
        return NOTE_WINDOW_PROBE;
    if (g->seq != me->next - 1)
        return NOTE_NONE;
    if (g->len == 1 && (me->acked != me->next || (g->f->flags & TCP_PSH)))
        return NOTE_NONE;
    return closed ? NOTE_WINDOW_PROBE : NOTE_KEEPALIVE;
}

static enum packet_note judge_sequence(struct side *me, const struct segment *g, uint64_t *of)
{
    if (g->seq == g->end || !before(g->seq, me->next))
        return NOTE_NONE;
    if (g->syn && g->ack && !me->syn_ack)
        return NOTE_NONE; // both ends opened at once: the SYN comes again, to acknowledge the
                          // other's
    bool known = sent_find(&me->sent, g->seq, of);
    return known || before(g->seq, me->acked) ? NOTE_RETRANSMISSION : NOTE_OUT_OF_ORDER;
}

// A packet that says nothing but how far its sender has come.
static enum packet_note judge_pure_ack(const struct side *me, const struct side *peer,
                                       const struct segment *g, uint32_t window, uint64_t *of)
{
    if (!g->ack || !me->acks || g->f->ack != me->last_ack || g->seq != me->next)
        return NOTE_NONE;
    bool changed = !me->syn_window && window != me->window;
    bool outstanding = peer->seen && peer->acked == g->f->ack && peer->next != peer->acked;
    // A receiver that reports a new hole by SACK may open its window at the same time; that is
    // still a duplicate (RFC 6675, 2).
    bool hole = g->f->sack_count > 0 && before(g->f->ack, g->f->sack[0][0]);
    if (outstanding && !peer->probing && (!changed || hole)) {
        *of = me->ack_id;
        return NOTE_DUPLICATE_ACK;
    }
    return changed ? NOTE_WINDOW_UPDATE : NOTE_NONE;
}

static enum packet_note judge(struct side *me, const struct side *peer, const struct segment *g,
                              uint32_t window, uint64_t *of)
{
    if (g->rst)
        return NOTE_NONE;
    enum packet_note note = judge_probe(me, peer, g);
    if (note == NOTE_NONE)
        note = judge_sequence(me, g, of);
    if (note != NOTE_NONE || g->syn || g->fin)
        return note;
    if (window == 0)
        return NOTE_ZERO_WINDOW;
    return g->len == 0 ? judge_pure_ack(me, peer, g, window, of) : NOTE_NONE;
}

// Numbers beyond what the other side has sent belong to another life of the addresses, and are not
// believed.
static void take_ack(struct side *me, struct side *peer, uint32_t ack, uint64_t id)
{
    if (peer->seen && before(peer->probed, ack))
        return;
    if (peer->seen && before(peer->acked, ack)) {
        peer->acked = ack;
        if (before(peer->next, ack))
            peer->next = ack; // the probe's byte was taken
        sent_pass(&peer->sent, ack);
    }
    if (!me->acks || before(me->last_ack, ack)) {
        me->acks = true;
        me->last_ack = ack;
        me->ack_id = id;
    }
}

static void learn(struct side *me, struct side *peer, const struct segment *g, uint32_t window,
                  bool probe)
{
    if (g->ack)
        take_ack(me, peer, g->f->ack, g->id);
    me->window = window;
    me->syn_window = g->syn;
    me->syn_ack |= g->syn && g->ack;
    me->probing = probe;
    if (probe) {
        if (before(me->probed, g->end))
            me->probed = g->end;
        return;
    }
    if (g->end != g->seq)
        sent_put(&me->sent, g->seq, g->end, g->id);
    if (before(me->next, g->end))
        me->next = g->end;
    if (before(me->probed, me->next))
        me->probed = me->next;
}

void track_packet(struct track *t, const struct frame *f, uint64_t id, struct track_verdict *v)
{
    memset(v, 0, sizeof(*v));
    if (!(f->protocols & PROTOCOL_TCP) || f->more_fragments)
        return;
    struct segment g = {.f = f,
                        .id = id,
                        .seq = f->seq,
                        .len = f->payload_len,
                        .syn = f->flags & TCP_SYN,
                        .fin = f->flags & TCP_FIN,
                        .rst = f->flags & TCP_RST,
                        .ack = f->flags & TCP_ACK};
    g.end = g.seq + g.len + g.syn + g.fin;
    v->stream = find_stream(t, &g, v);
    struct side *me = &v->stream->sides[v->direction], *peer = &v->stream->sides[!v->direction];
    set_bases(me, peer, &g);
    if (g.syn && !g.rst)
        me->scale = f->window_scale > 14 ? 14 : f->window_scale; // RFC 7323, 2.3
    v->seq = g.seq - me->base;
    v->ack = g.ack ? f->ack - peer->base : 0;
    v->window = window_of(me, peer, &g);
    for (int i = 0; i < f->sack_count; i++) {
        v->sack[2 * i] = f->sack[i][0] - peer->base;
        v->sack[2 * i + 1] = f->sack[i][1] - peer->base;
    }
    v->note = judge(me, peer, &g, v->window, &v->of);
    v->syn_repeated = g.syn && v->note == NOTE_RETRANSMISSION;
    if (!g.rst) {
        learn(me, peer, &g, v->window, v->note == NOTE_KEEPALIVE || v->note == NOTE_WINDOW_PROBE);
        return;
    }
    v->stream->reset = true;
    if (g.ack)
        take_ack(me, peer, f->ack, id);
}

bool track_numbers(const struct track *t, const struct addr *from, const struct addr *to,
                   struct track_numbers *n)
{
    struct key key;
    int sender = key_of(&key, from, to);
    struct track_stream *stream;
    HASH_FIND(hh, t->streams, &key, sizeof(key), stream);
    *n = (struct track_numbers){0};
    if (!stream)
        return false;
    int direction = sender != stream->first;
    const struct side *me = &stream->sides[direction], *peer = &stream->sides[!direction];
    bool scaled = me->scale >= 0 && peer->scale >= 0;
    *n = (struct track_numbers){.base = me->based ? me->base : 0,
                                .peer_base = peer->based ? peer->base : 0,
                                .next = me->seen    ? me->next
                                        : me->based ? me->base
                                                    : 0,
                                .ack = me->acks ? me->last_ack : 0,
                                .window = me->window,
                                .scale = scaled ? me->scale : 0};
    return true;
}
