// Implementation of filter.h.
#include "packet/filter.h"

#include <string.h>

uint32_t filter_plain_flags(uint32_t flags)
{
    uint32_t plain = flags & (TCP_SYN | TCP_FIN | TCP_RST);
    return flags & TCP_SYN ? plain | (flags & TCP_ACK) : plain;
}

static bool same_data(const struct filter *f, const struct packet_row *r, const char *payload)
{
    return f->data_len == r->len && payload && memcmp(f->data, payload, r->len) == 0;
}

bool filter_match(const struct filter *f, const struct packet_row *r, const char *payload)
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
            (r->protocols & PROTOCOL_TCP && filter_plain_flags(r->flags) == f->flags)) &&
           (!(left & ASK_MIN_LEN) || r->len >= f->min_len) &&
           (!(left & ASK_HAS_DATA) || (r->len > 0) == f->has_data) &&
           (!(left & ASK_SINCE) || r->t_ns >= f->since_ns) && SAME(ASK_ICMP, icmp) &&
           SAME(ASK_FRAGMENT, fragment) &&
           (!(left & ASK_IS_FRAGMENT) || (r->fragment != EVENT_NONE) == f->is_fragment) &&
           (!(left & ASK_PROTOCOL) || (r->protocols | r->protocol) & f->protocol) &&
           (!(left & ASK_DATA) || same_data(f, r, payload));
#undef SAME
}
