// Implementation of build.h: each layer is written into its place, and sums up what is behind it.
#include "packet/build.h"

#include <string.h>

#include "packet/checksum.h"

enum { IP_LEN = 20, IPV6_LEN = 40, TCP_LEN = 20, UDP_LEN = 8, ICMP_LEN = 8, ARP_LEN = 28 };
enum { NEXT_ICMP = 1, NEXT_TCP = 6, NEXT_UDP = 17, NEXT_ICMPV6 = 58 };

#define TCP_OPTIONS_MAX 40
#define QUOTED 548 // bytes of a packet that an ICMP error quotes at most (RFC 1812, 4.3.2.3)

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

static uint32_t put_sack(const struct frame *f, uint8_t *at, uint32_t room)
{
    uint32_t blocks = f->sack_count;
    while (blocks && 4 + 8 * blocks > room)
        blocks--;
    if (!blocks)
        return 0;
    at[0] = at[1] = 1; // padding
    at[2] = 5;
    at[3] = (uint8_t)(2 + 8 * blocks);
    for (uint32_t i = 0; i < blocks; i++) {
        put32(at + 4 + 8 * i, f->sack[i][0]);
        put32(at + 8 + 8 * i, f->sack[i][1]);
    }
    return 4 + 8 * blocks;
}

// In words of four bytes.
static uint32_t put_tcp_options(const struct frame *f, uint8_t *at)
{
    uint32_t len = 0;
    if (f->mss) {
        put32(at, 2 << 24 | 4 << 16 | f->mss);
        len += 4;
    }
    if (f->sack_permitted) {
        put16(at + len, 4 << 8 | 2);
        len += 2;
    }
    if (f->timestamps) {
        for (; len % 4 != 2; len++)
            at[len] = 1;
        put16(at + len, 8 << 8 | 10);
        put32(at + len + 2, f->ts_value);
        put32(at + len + 6, f->ts_echo);
        len += 10;
    }
    if (f->window_scale >= 0) {
        put32(at + len, 1 << 24 | 3 << 16 | 3 << 8 | (uint32_t)f->window_scale);
        len += 4;
    }
    for (; len % 4; len++)
        at[len] = 1;
    return len + put_sack(f, at + len, TCP_OPTIONS_MAX - len);
}

static uint32_t put_tcp(const struct frame *f, uint8_t *at)
{
    memset(at, 0, TCP_LEN);
    uint32_t len = TCP_LEN + put_tcp_options(f, at + TCP_LEN);
    put16(at, f->from.port);
    put16(at + 2, f->to.port);
    put32(at + 4, f->seq);
    put32(at + 8, f->ack);
    at[12] = (uint8_t)(len / 4 << 4);
    at[13] = f->flags;
    put16(at + 14, f->window);
    return len;
}

static uint32_t put_udp(const struct frame *f, uint8_t *at)
{
    put16(at, f->from.port);
    put16(at + 2, f->to.port);
    put16(at + 4, UDP_LEN + f->payload_len);
    put16(at + 6, 0);
    return UDP_LEN;
}

static uint32_t put_icmp(const struct frame *f, uint8_t *at)
{
    at[0] = f->icmp_type;
    at[1] = f->icmp_code;
    put16(at + 2, 0);
    put32(at + 4, f->icmp_rest);
    return ICMP_LEN;
}

static uint8_t next_of(const struct frame *f)
{
    return f->protocols & PROTOCOL_TCP      ? NEXT_TCP
           : f->protocols & PROTOCOL_UDP    ? NEXT_UDP
           : f->protocols & PROTOCOL_ICMP   ? NEXT_ICMP
           : f->protocols & PROTOCOL_ICMPV6 ? NEXT_ICMPV6
                                            : f->ip_protocol;
}

static uint32_t put_transport(const struct frame *f, uint8_t *at)
{
    if (f->fragment_offset > 0)
        return 0;
    switch (next_of(f)) {
    case NEXT_TCP:
        return f->protocols & PROTOCOL_TCP ? put_tcp(f, at) : 0;
    case NEXT_UDP:
        return f->protocols & PROTOCOL_UDP ? put_udp(f, at) : 0;
    default:
        return f->protocols & (PROTOCOL_ICMP | PROTOCOL_ICMPV6) ? put_icmp(f, at) : 0;
    }
}

// Where the checksum of the transport stands; 0: it has none.
static uint32_t checksum_place(const struct frame *f)
{
    if (f->protocols & PROTOCOL_TCP)
        return 16;
    if (f->protocols & PROTOCOL_UDP)
        return 6;
    return f->protocols & (PROTOCOL_ICMP | PROTOCOL_ICMPV6) ? 2 : 0;
}

// Over the pseudo header too (RFC 9293, 3.1; RFC 8200, 8.1), but for ICMP over IPv4.
static void put_checksum(const struct frame *f, uint8_t *at, uint32_t len)
{
    uint32_t place = checksum_place(f), sum = 0;
    size_t size = f->protocols & PROTOCOL_IPV6 ? 16 : 4;
    if (!place || f->fragment_offset > 0)
        return;
    if (!(f->protocols & PROTOCOL_ICMP)) {
        sum = checksum_add(sum, f->from.bytes, size);
        sum = checksum_add(sum, f->to.bytes, size) + next_of(f) + len;
    }
    uint16_t value = checksum_end(checksum_add(sum, at, len));
    if (value == 0 && f->protocols & PROTOCOL_UDP)
        value = 0xffff; // 0 means none (RFC 768)
    put16(at + place, value);
}

static uint32_t put_ip(const struct frame *f, uint8_t *at, uint32_t len)
{
    memset(at, 0, IP_LEN);
    at[0] = 0x45;
    at[1] = f->ecn & 3;
    put16(at + 2, IP_LEN + len);
    put16(at + 4, f->ip_id);
    put16(at + 6, (f->dont_fragment ? 0x4000u : 0) | (f->more_fragments ? 0x2000u : 0) |
                      f->fragment_offset / 8u);
    at[8] = f->ttl;
    at[9] = next_of(f);
    memcpy(at + 12, f->from.bytes, 4);
    memcpy(at + 16, f->to.bytes, 4);
    put16(at + 10, checksum_end(checksum_add(0, at, IP_LEN)));
    return IP_LEN;
}

static uint32_t put_ipv6(const struct frame *f, uint8_t *at, uint32_t len)
{
    put32(at, 6u << 28 | (f->ecn & 3u) << 20);
    put16(at + 4, len);
    at[6] = next_of(f);
    at[7] = f->ttl;
    memcpy(at + 8, f->from.bytes, 16);
    memcpy(at + 24, f->to.bytes, 16);
    return IPV6_LEN;
}

static uint32_t put_arp(const struct frame *f, uint8_t *at)
{
    static const uint8_t kind[6] = {0, 1, 8, 0, 6, 4}; // Ethernet, IPv4, their lengths
    memset(at, 0, ARP_LEN);
    memcpy(at, kind, sizeof kind);
    put16(at + 6, f->arp_operation);
    memcpy(at + 8, f->src, 6);
    memcpy(at + 14, f->from.bytes, 4);
    if (f->arp_operation != 1) // who asks does not know it
        memcpy(at + 18, f->dst, 6);
    memcpy(at + 24, f->to.bytes, 4);
    return ARP_LEN;
}

static uint32_t put_ethernet(const struct frame *f, uint8_t *at)
{
    uint32_t type = f->protocols & PROTOCOL_ARP    ? 0x0806
                    : f->protocols & PROTOCOL_IP   ? 0x0800
                    : f->protocols & PROTOCOL_IPV6 ? 0x86dd
                                                   : f->ethertype;
    memcpy(at, f->dst, 6);
    memcpy(at + 6, f->src, 6);
    put16(at + 12, type);
    return FRAME_ETH_LEN;
}

int build_frame(const struct frame *f, const void *payload, uint8_t *out, size_t room)
{
    if (room < BUILD_HEADERS_MAX + (size_t)f->payload_len)
        return -1;
    uint8_t *network = out + put_ethernet(f, out);
    if (f->protocols & PROTOCOL_ARP)
        return FRAME_ETH_LEN + (int)put_arp(f, network);
    uint32_t header = f->protocols & PROTOCOL_IP     ? IP_LEN
                      : f->protocols & PROTOCOL_IPV6 ? IPV6_LEN
                                                     : 0;
    uint8_t *transport = network + header;
    uint32_t len = header ? put_transport(f, transport) : 0;
    if (f->payload_len)
        memcpy(transport + len, payload, f->payload_len);
    len += f->payload_len;
    if (header + len > UINT16_MAX)
        return -1;
    put_checksum(f, transport, len);
    if (f->protocols & PROTOCOL_IP)
        put_ip(f, network, len);
    else if (f->protocols & PROTOCOL_IPV6)
        put_ipv6(f, network, len);
    return (int)(FRAME_ETH_LEN + header + len);
}

int build_too_big(const uint8_t *frame, uint32_t len, uint32_t mtu, uint8_t *out, size_t room)
{
    struct frame about;
    frame_parse(&about, frame, len);
    bool is_ip = about.protocols & PROTOCOL_IP;
    if (!(about.protocols & (PROTOCOL_IP | PROTOCOL_IPV6)) || (is_ip && !about.dont_fragment))
        return -1;
    struct frame error = {.protocols = PROTOCOL_ETH | (is_ip ? PROTOCOL_IP | PROTOCOL_ICMP
                                                             : PROTOCOL_IPV6 | PROTOCOL_ICMPV6),
                          .from = about.to,
                          .to = about.from,
                          .ttl = 64,
                          .icmp_type = is_ip ? 3 : 2,
                          .icmp_code = is_ip ? 4 : 0,
                          .icmp_rest = mtu};
    memcpy(error.dst, about.src, 6);
    memcpy(error.src, about.dst, 6);
    error.payload_len = len - FRAME_ETH_LEN < QUOTED ? len - FRAME_ETH_LEN : QUOTED;
    return build_frame(&error, frame + FRAME_ETH_LEN, out, room);
}

void build_spoil(uint8_t *frame, uint32_t len)
{
    struct frame f;
    frame_parse(&f, frame, len);
    uint32_t header = f.protocols & PROTOCOL_IPV6 ? IPV6_LEN
                      : f.protocols & PROTOCOL_IP ? (frame[FRAME_ETH_LEN] & 15u) * 4
                                                  : 0;
    if (!header)
        return;
    uint32_t place = checksum_place(&f);
    uint8_t *at = frame + FRAME_ETH_LEN + (place ? header + place : 10);
    if (place || f.protocols & PROTOCOL_IP)
        at[0] ^= 0x55;
}
