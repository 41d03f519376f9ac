// Implementation of packets.h.
#include "stage/packets.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void packets_fini(struct packets *p)
{
    free(p->rows);
    free(p->data);
    *p = (struct packets){0};
}

static uint64_t keep_data(struct packets *p, const uint8_t *data, uint32_t len)
{
    if (p->data_len + len > PACKETS_DATA_MAX)
        return PACKETS_NO_DATA;
    if (p->data_cap - p->data_len < len) {
        size_t cap = p->data_cap ? p->data_cap * 2 : 64 * 1024;
        while (cap - p->data_len < len)
            cap *= 2;
        p->data = mem_resize(p->data, cap);
        p->data_cap = cap;
    }
    uint64_t off = p->data_len;
    memcpy(p->data + off, data, len);
    p->data_len += len;
    return off;
}

uint32_t packets_add(struct packets *p, const struct packet_row *row, const uint8_t *data)
{
    if (p->count == PACKETS_MAX) {
        p->missed++;
        return UINT32_MAX;
    }
    if (p->count == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 256;
        p->rows = mem_resize(p->rows, p->cap * sizeof *p->rows);
    }
    p->rows[p->count] = *row;
    p->rows[p->count].data_off = row->len ? keep_data(p, data, row->len) : PACKETS_NO_DATA;
    return p->count++;
}

uint32_t packets_plain_flags(uint32_t flags)
{
    uint32_t plain = flags & (TCP_SYN | TCP_FIN | TCP_RST);
    return flags & TCP_SYN ? plain | (flags & TCP_ACK) : plain;
}

bool packets_match(const struct packet_row *r, const struct packet_filter *f)
{
    uint32_t left = f->asked;
#define SAME(bit, field) (!(left & (bit)) || r->field == f->field)
    return SAME(ASK_ON, on) && SAME(ASK_FROM, from) && SAME(ASK_TO, to) &&
           SAME(ASK_FROM_PORT, from_port) && SAME(ASK_TO_PORT, to_port) && SAME(ASK_LEN, len) &&
           SAME(ASK_SEQ, seq) && SAME(ASK_ACK, ack) && SAME(ASK_WINDOW, window) &&
           SAME(ASK_MSS, mss) && SAME(ASK_TTL, ttl) && SAME(ASK_NOTE, note) &&
           SAME(ASK_FATE, fate) && SAME(ASK_CONN, conn) && SAME(ASK_OF, of) &&
           SAME(ASK_CALL, call) && SAME(ASK_ID, id) &&
           (!(left & ASK_PORT) || r->from_port == f->port || r->to_port == f->port) &&
           (!(left & ASK_FLAGS) ||
            (r->protocols & PROTOCOL_TCP && packets_plain_flags(r->flags) == f->flags)) &&
           (!(left & ASK_MIN_LEN) || r->len >= f->min_len) &&
           (!(left & ASK_HAS_DATA) || (r->len > 0) == f->has_data) &&
           (!(left & ASK_SINCE) || r->t_ns >= f->since_ns);
#undef SAME
}
