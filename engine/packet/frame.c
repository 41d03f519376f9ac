// Implementation of frame.h.
//
// Every layer is one function that takes what is left of the frame as a `rest`, and either adds its
// bit to `protocols` and goes on inwards, or stops. Nobody reads a byte without having looked at
// rest.len.
#include "packet/frame.h"

#include <string.h>

#include "packet/checksum.h"

enum {
    ETHERTYPE_IP = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_FIRST = 0x0600, // smaller values are lengths (IEEE 802.3, 3.2.6)
};

// Protocol numbers of IP (IANA).
enum {
    NEXT_HOP_BY_HOP = 0,
    NEXT_ICMP = 1,
    NEXT_TCP = 6,
    NEXT_UDP = 17,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AUTHENTICATION = 51,
    NEXT_ICMPV6 = 58,
    NEXT_DESTINATION = 60,
};

enum { IP_LEN = 20, IPV6_LEN = 40, TCP_LEN = 20, UDP_LEN = 8, ICMP_LEN = 8, ARP_LEN = 28 };

struct rest {
    const uint8_t *at;
    uint32_t len;
};

// What the checksums need beside the frame's values.
struct layers {
    struct rest ip_header; // IPv4 with its options
    struct rest transport; // header and payload of TCP, UDP, ICMP
    bool rerouted; // IPv6 routing header on its way: the pseudo header has another destination
};

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void skip(struct rest *r, uint32_t len)
{
    r->at += len;
    r->len -= len;
}

static void set_address(struct addr *a, uint8_t family, const uint8_t *bytes)
{
    a->family = family;
    memcpy(a->bytes, bytes, family == 4 ? 4 : 16);
}

static void set_payload(struct frame *f, const uint8_t *start, struct rest r)
{
    f->payload_off = (uint32_t)(r.at - start);
    f->payload_len = r.len;
}

// The headers of IPv6 between the fixed one and the transport's (RFC 8200, 4). Leaves `r` behind
// the last that is whole, and in *next the number of what follows. False if the walk ends inside a
// broken one.
static bool walk_extensions(struct frame *f, struct rest *r, uint8_t *next, bool *rerouted)
{
    for (;;) {
        uint32_t len = 8;
        switch (*next) {
        case NEXT_HOP_BY_HOP:
        case NEXT_ROUTING:
        case NEXT_DESTINATION:
            if (r->len >= 8)
                len = (r->at[1] + 1u) * 8;
            break;
        case NEXT_AUTHENTICATION: // counts in words of four bytes (RFC 4302, 2.2)
            if (r->len >= 8)
                len = (r->at[1] + 2u) * 4;
            break;
        case NEXT_FRAGMENT:
            break;
        default:
            return true;
        }
        if (r->len < len)
            return false;
        if (*next == NEXT_FRAGMENT) {
            f->fragment_offset = get16(r->at + 2) & 0xfff8;
            f->more_fragments = r->at[3] & 1;
            f->fragment_id = f->fragment_offset || f->more_fragments ? get32(r->at + 4) : 0;
        }
        if (*next == NEXT_ROUTING && r->at[3] > 0)
            *rerouted = true;
        *next = r->at[0];
        skip(r, len);
        if (f->fragment_offset > 0)
            return true;
    }
}

static uint32_t protocol_of(uint8_t next)
{
    switch (next) {
    case NEXT_ICMP:
        return PROTOCOL_ICMP;
    case NEXT_TCP:
        return PROTOCOL_TCP;
    case NEXT_UDP:
        return PROTOCOL_UDP;
    case NEXT_ICMPV6:
        return PROTOCOL_ICMPV6;
    default:
        return 0;
    }
}

// The packet that an ICMP error quotes: as much of it as the error's sender kept, at least its IP
// header.
static void parse_quoted(struct frame *f, struct rest r)
{
    struct frame inner = {0};
    struct addr from = {0}, to = {0};
    uint8_t next;
    bool readable = true;
    if (r.len >= IP_LEN && r.at[0] >> 4 == 4) {
        uint32_t header = (r.at[0] & 15u) * 4;
        if (header < IP_LEN)
            return;
        set_address(&from, 4, r.at + 12);
        set_address(&to, 4, r.at + 16);
        next = r.at[9];
        inner.fragment_offset = (uint16_t)((get16(r.at + 6) & 0x1fff) * 8);
        readable = header <= r.len;
        skip(&r, readable ? header : r.len);
    } else if (r.len >= IPV6_LEN && r.at[0] >> 4 == 6) {
        bool rerouted = false;
        set_address(&from, 6, r.at + 8);
        set_address(&to, 6, r.at + 24);
        next = r.at[6];
        skip(&r, IPV6_LEN);
        readable = walk_extensions(&inner, &r, &next, &rerouted);
    } else {
        return;
    }
    if (readable && inner.fragment_offset == 0 && (next == NEXT_TCP || next == NEXT_UDP) &&
        r.len >= 4) {
        from.port = get16(r.at);
        to.port = get16(r.at + 2);
    }
    f->about_protocols = (from.family == 4 ? PROTOCOL_IP : PROTOCOL_IPV6) | protocol_of(next);
    f->about_from = from;
    f->about_to = to;
}

static enum message message_of(uint8_t type, uint8_t code)
{
    static const enum message unreachable[] = {
        MESSAGE_NET_UNREACHABLE, MESSAGE_HOST_UNREACHABLE, MESSAGE_PROTOCOL_UNREACHABLE,
        MESSAGE_PORT_UNREACHABLE, MESSAGE_FRAGMENTATION_NEEDED};
    switch (type) {
    case 0:
        return MESSAGE_ECHO_REPLY;
    case 3:
        return code < 5 ? unreachable[code] : MESSAGE_UNREACHABLE;
    case 5:
        return MESSAGE_REDIRECT;
    case 8:
        return MESSAGE_ECHO_REQUEST;
    case 11:
        return MESSAGE_TIME_EXCEEDED;
    default:
        return MESSAGE_OTHER;
    }
}

static enum message message6_of(uint8_t type, uint8_t code)
{
    static const enum message unreachable[] = {MESSAGE_NET_UNREACHABLE, MESSAGE_UNREACHABLE,
                                               MESSAGE_UNREACHABLE, MESSAGE_HOST_UNREACHABLE,
                                               MESSAGE_PORT_UNREACHABLE};
    switch (type) {
    case 1:
        return code < 5 ? unreachable[code] : MESSAGE_UNREACHABLE;
    case 2:
        return MESSAGE_FRAGMENTATION_NEEDED;
    case 3:
        return MESSAGE_TIME_EXCEEDED;
    case 128:
        return MESSAGE_ECHO_REQUEST;
    case 129:
        return MESSAGE_ECHO_REPLY;
    case 135:
        return MESSAGE_NEIGHBOUR_SOLICITATION;
    case 136:
        return MESSAGE_NEIGHBOUR_ADVERTISEMENT;
    default:
        return MESSAGE_OTHER;
    }
}

enum message frame_message_of(bool ipv6, uint8_t type, uint8_t code)
{
    return (ipv6 ? message6_of : message_of)(type, code);
}

bool frame_message(enum message message, bool ipv6, uint8_t *type, uint8_t *code)
{
    if (message == MESSAGE_NONE || message == MESSAGE_OTHER)
        return false;
    for (unsigned t = 0; t <= UINT8_MAX; t++)
        for (unsigned c = 0; c < 8; c++)
            if ((ipv6 ? message6_of : message_of)((uint8_t)t, (uint8_t)c) == message) {
                *type = (uint8_t)t;
                *code = (uint8_t)c;
                return true;
            }
    return false;
}

static bool quotes(bool ipv6, uint8_t type)
{
    if (ipv6)
        return type < 128; // all errors (RFC 4443, 2.1)
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12; // RFC 792
}

static void parse_icmp(struct frame *f, const uint8_t *start, struct rest r, bool ipv6)
{
    if (r.len < ICMP_LEN)
        return;
    f->protocols |= ipv6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP;
    f->icmp_type = r.at[0];
    f->icmp_code = r.at[1];
    f->message = frame_message_of(ipv6, f->icmp_type, f->icmp_code);
    f->icmp_rest = get32(r.at + 4);
    skip(&r, ICMP_LEN);
    set_payload(f, start, r);
    if (quotes(ipv6, f->icmp_type))
        parse_quoted(f, r);
}

static void parse_udp(struct frame *f, const uint8_t *start, struct rest r)
{
    if (r.len < UDP_LEN)
        return;
    uint32_t len = get16(r.at + 4);
    if (len < UDP_LEN || (len > r.len && !f->more_fragments))
        return;
    f->protocols |= PROTOCOL_UDP;
    f->from.port = get16(r.at);
    f->to.port = get16(r.at + 2);
    if (len < r.len)
        r.len = len;
    skip(&r, UDP_LEN);
    set_payload(f, start, r);
}

static void parse_sack(struct frame *f, const uint8_t *at, uint32_t len)
{
    for (; len >= 8 && f->sack_count < FRAME_SACK_MAX; at += 8, len -= 8) {
        f->sack[f->sack_count][0] = get32(at);
        f->sack[f->sack_count][1] = get32(at + 4);
        f->sack_count++;
    }
}

// One option with its kind and length (IANA "TCP Option Kind Numbers"). One of a wrong length is
// passed over.
static void parse_tcp_option(struct frame *f, const uint8_t *at, uint32_t len)
{
    switch (at[0]) {
    case 2:
        if (len == 4)
            f->mss = get16(at + 2);
        break;
    case 3:
        if (len == 3)
            f->window_scale = (int8_t)(at[2] < 127 ? at[2] : 127);
        break;
    case 4:
        f->sack_permitted |= len == 2;
        break;
    case 5:
        if (len % 8 == 2)
            parse_sack(f, at + 2, len - 2);
        break;
    case 8:
        if (len == 10) {
            f->timestamps = true;
            f->ts_value = get32(at + 2);
            f->ts_echo = get32(at + 6);
        }
        break;
    }
}

static void parse_tcp_options(struct frame *f, struct rest r)
{
    while (r.len > 0 && r.at[0] != 0) { // 0: end of the list
        if (r.at[0] == 1) {             // padding
            skip(&r, 1);
            continue;
        }
        if (r.len < 2 || r.at[1] < 2 || r.at[1] > r.len)
            return; // nothing behind it can be found
        uint32_t len = r.at[1];
        parse_tcp_option(f, r.at, len);
        skip(&r, len);
    }
}

static void parse_tcp(struct frame *f, const uint8_t *start, struct rest r)
{
    if (r.len < TCP_LEN)
        return;
    uint32_t header = (r.at[12] >> 4) * 4u;
    if (header < TCP_LEN || header > r.len)
        return;
    f->protocols |= PROTOCOL_TCP;
    f->from.port = get16(r.at);
    f->to.port = get16(r.at + 2);
    f->seq = get32(r.at + 4);
    f->ack = get32(r.at + 8);
    f->flags = r.at[13];
    f->window = get16(r.at + 14);
    parse_tcp_options(f, (struct rest){r.at + TCP_LEN, header - TCP_LEN});
    skip(&r, header);
    set_payload(f, start, r);
}

static void parse_transport(struct frame *f, const uint8_t *start, struct rest r, struct layers *l)
{
    set_payload(f, start, r);
    l->transport = r;
    if (f->fragment_offset > 0)
        return;
    switch (f->ip_protocol) {
    case NEXT_TCP:
        parse_tcp(f, start, r);
        break;
    case NEXT_UDP:
        parse_udp(f, start, r);
        break;
    case NEXT_ICMP:
        if (f->protocols & PROTOCOL_IP)
            parse_icmp(f, start, r, false);
        break;
    case NEXT_ICMPV6:
        if (f->protocols & PROTOCOL_IPV6)
            parse_icmp(f, start, r, true);
        break;
    }
}

static void parse_ip(struct frame *f, const uint8_t *start, struct rest r, struct layers *l)
{
    if (r.len < IP_LEN || r.at[0] >> 4 != 4)
        return;
    uint32_t header = (r.at[0] & 15u) * 4, total = get16(r.at + 2);
    if (header < IP_LEN || header > total || total > r.len)
        return;
    uint16_t fragment = get16(r.at + 6);
    f->protocols |= PROTOCOL_IP;
    f->ecn = r.at[1] & 3;
    f->fragment_offset = (uint16_t)((fragment & 0x1fff) * 8);
    f->more_fragments = fragment & 0x2000;
    f->fragment_id = f->fragment_offset || f->more_fragments ? get16(r.at + 4) : 0;
    f->dont_fragment = fragment & 0x4000;
    f->ip_id = get16(r.at + 4);
    f->ttl = r.at[8];
    f->ip_protocol = r.at[9];
    set_address(&f->from, 4, r.at + 12);
    set_address(&f->to, 4, r.at + 16);
    l->ip_header = (struct rest){r.at, header};
    r.len = total; // short frames are padded
    skip(&r, header);
    parse_transport(f, start, r, l);
}

static void parse_ipv6(struct frame *f, const uint8_t *start, struct rest r, struct layers *l)
{
    if (r.len < IPV6_LEN || r.at[0] >> 4 != 6)
        return;
    uint32_t len = get16(r.at + 4);
    if (len > r.len - IPV6_LEN)
        return;
    f->protocols |= PROTOCOL_IPV6;
    f->ecn = r.at[1] >> 4 & 3;
    f->ip_protocol = r.at[6];
    f->ttl = r.at[7];
    set_address(&f->from, 6, r.at + 8);
    set_address(&f->to, 6, r.at + 24);
    skip(&r, IPV6_LEN);
    r.len = len;
    if (walk_extensions(f, &r, &f->ip_protocol, &l->rerouted))
        parse_transport(f, start, r, l);
    else
        set_payload(f, start, r);
}

static void parse_arp(struct frame *f, const uint8_t *start, struct rest r)
{
    static const uint8_t ethernet_and_ip[6] = {0, 1, 8, 0, 6, 4};
    if (r.len < ARP_LEN || memcmp(r.at, ethernet_and_ip, 6) != 0)
        return;
    f->protocols |= PROTOCOL_ARP;
    f->arp_operation = get16(r.at + 6);
    set_address(&f->from, 4, r.at + 14);
    set_address(&f->to, 4, r.at + 24);
    skip(&r, ARP_LEN);
    set_payload(f, start, (struct rest){r.at, 0});
}

static void parse(struct frame *f, const uint8_t *bytes, uint32_t len, struct layers *l)
{
    *f = (struct frame){.len = len, .window_scale = -1};
    *l = (struct layers){0};
    struct rest r = {bytes, len};
    if (len < FRAME_ETH_LEN)
        return;
    f->protocols = PROTOCOL_ETH;
    memcpy(f->dst, bytes, 6);
    memcpy(f->src, bytes + 6, 6);
    f->ethertype = get16(bytes + 12);
    skip(&r, FRAME_ETH_LEN);
    if (f->ethertype < ETHERTYPE_FIRST && f->ethertype < r.len)
        r.len = f->ethertype;
    set_payload(f, bytes, r);
    switch (f->ethertype) {
    case ETHERTYPE_IP:
        parse_ip(f, bytes, r, l);
        break;
    case ETHERTYPE_IPV6:
        parse_ipv6(f, bytes, r, l);
        break;
    case ETHERTYPE_ARP:
        parse_arp(f, bytes, r);
        break;
    }
}

void frame_parse(struct frame *f, const uint8_t *bytes, uint32_t len)
{
    struct layers l;
    parse(f, bytes, len, &l);
}

// The sum of what TCP, UDP and ICMPv6 add to their own bytes (RFC 9293, 3.1; RFC 8200, 8.1).
static uint32_t pseudo_header(const struct frame *f, uint32_t len)
{
    size_t size = f->from.family == 4 ? 4 : 16;
    uint32_t sum = checksum_add(0, f->from.bytes, size);
    sum = checksum_add(sum, f->to.bytes, size);
    return sum + (len >> 16) + (len & 0xffff) + f->ip_protocol;
}

uint32_t frame_transport(const struct frame *f)
{
    return f->protocols & (PROTOCOL_IP | PROTOCOL_IPV6) ? protocol_of(f->ip_protocol) : 0;
}

bool frame_checksums_ok(const uint8_t *bytes, uint32_t len)
{
    struct frame f;
    struct layers l;
    parse(&f, bytes, len, &l);
    struct rest t = l.transport;
    if (l.ip_header.at && checksum_end(checksum_add(0, l.ip_header.at, l.ip_header.len)) != 0)
        return false;
    if (f.more_fragments || f.fragment_offset > 0 || l.rerouted)
        return true;
    if (f.protocols & PROTOCOL_ICMP)
        return checksum_end(checksum_add(0, t.at, t.len)) == 0;
    if (f.protocols & PROTOCOL_UDP) {
        if (get16(t.at + 6) == 0) // none (RFC 768); IPv6 does not allow that (RFC 8200, 8.1)
            return f.from.family == 4;
        t.len = get16(t.at + 4);
    }
    if (f.protocols & (PROTOCOL_TCP | PROTOCOL_UDP | PROTOCOL_ICMPV6))
        return checksum_end(checksum_add(pseudo_header(&f, t.len), t.at, t.len)) == 0;
    return true;
}

void frame_arp_reply(const struct frame *request, const uint8_t mac[6],
                     uint8_t reply[FRAME_ARP_LEN])
{
    static const uint8_t kind[8] = {0, 1, 8, 0, 6, 4, 0, 2}; // Ethernet, IPv4, their lengths, reply
    uint8_t *arp = reply + FRAME_ETH_LEN;
    memcpy(reply, request->src, 6);
    memcpy(reply + 6, mac, 6);
    put16(reply + 12, ETHERTYPE_ARP);
    memcpy(arp, kind, 8);
    memcpy(arp + 8, mac, 6);
    memcpy(arp + 14, request->to.bytes, 4);
    memcpy(arp + 18, request->src, 6);
    memcpy(arp + 24, request->from.bytes, 4);
}
