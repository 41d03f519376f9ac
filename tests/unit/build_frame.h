// build_frame: builds frames for tests, from the inside out, with right checksums.
#pragma once

#include <stdint.h>
#include <string.h>

#include "packet/checksum.h"

struct built {
    uint8_t bytes[2048];
    uint32_t len;
};

struct built_tcp {
    uint16_t from_port, to_port;
    uint32_t seq, ack;
    uint8_t flags;
    uint16_t window;
    const void *options; // padded to words of four bytes by the caller
    uint32_t options_len;
    const void *data;
    uint32_t len;
};

static inline void built_16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void built_32(uint8_t *at, uint32_t value)
{
    built_16(at, value >> 16);
    built_16(at + 2, value & 0xffff);
}

static inline void built_put(struct built *b, const void *bytes, uint32_t len)
{
    if (len)
        memcpy(b->bytes + b->len, bytes, len);
    b->len += len;
}

// Puts `header` before what is there.
static inline void built_wrap(struct built *b, const uint8_t *header, uint32_t len)
{
    memmove(b->bytes + len, b->bytes, b->len);
    memcpy(b->bytes, header, len);
    b->len += len;
}

static inline struct built build_tcp(const struct built_tcp *t)
{
    struct built b = {.len = 20};
    built_16(b.bytes, t->from_port);
    built_16(b.bytes + 2, t->to_port);
    built_32(b.bytes + 4, t->seq);
    built_32(b.bytes + 8, t->ack);
    b.bytes[12] = (uint8_t)((20 + t->options_len) / 4 << 4);
    b.bytes[13] = t->flags;
    built_16(b.bytes + 14, t->window);
    built_put(&b, t->options, t->options_len);
    built_put(&b, t->data, t->len);
    return b;
}

static inline struct built build_udp(uint16_t from_port, uint16_t to_port, const void *data,
                                     uint32_t len)
{
    struct built b = {.len = 8};
    built_16(b.bytes, from_port);
    built_16(b.bytes + 2, to_port);
    built_16(b.bytes + 4, 8 + len);
    built_put(&b, data, len);
    return b;
}

static inline struct built build_icmp(uint8_t type, uint8_t code, const void *data, uint32_t len)
{
    struct built b = {.len = 8};
    b.bytes[0] = type;
    b.bytes[1] = code;
    built_put(&b, data, len);
    return b;
}

// Sets the checksum of the transport that is all of `b`, over the pseudo header of these addresses.
static inline void built_checksum(struct built *b, uint8_t protocol, const uint8_t *from,
                                  const uint8_t *to, uint32_t size)
{
    uint32_t at = protocol == 6 ? 16 : protocol == 17 ? 6 : 2, sum = 0;
    if (protocol != 1) {
        sum = checksum_add(sum, from, size);
        sum = checksum_add(sum, to, size) + protocol + b->len;
    }
    built_16(b->bytes + at, checksum_end(checksum_add(sum, b->bytes, b->len)));
}

// 10.1.0.<from> to 10.1.0.<to>; `options` padded by the caller; `fragment` is the field of RFC 791
// with its flags.
static inline void built_ip(struct built *b, uint8_t protocol, uint8_t from, uint8_t to,
                            uint16_t fragment, const void *options, uint32_t options_len)
{
    uint8_t h[60] = {[8] = 64, [12] = 10, [13] = 1, [15] = from, [16] = 10, [17] = 1, [19] = to};
    uint32_t header = 20 + options_len;
    if (!fragment)
        built_checksum(b, protocol, h + 12, h + 16, 4);
    h[0] = (uint8_t)(0x40 | header / 4);
    built_16(h + 2, header + b->len);
    built_16(h + 6, fragment);
    h[9] = protocol;
    if (options_len)
        memcpy(h + 20, options, options_len);
    built_16(h + 10, checksum_end(checksum_add(0, h, header)));
    built_wrap(b, h, header);
}

// fd00::<from> to fd00::<to>; `extensions` stand between the headers, the first of which is of kind
// `next`.
static inline void built_ipv6(struct built *b, uint8_t protocol, uint8_t from, uint8_t to,
                              uint8_t next, const void *extensions, uint32_t extensions_len)
{
    uint8_t h[40] = {[0] = 0x60, [7] = 64, [8] = 0xfd, [23] = from, [24] = 0xfd, [39] = to};
    built_checksum(b, protocol, h + 8, h + 24, 16);
    if (extensions_len)
        built_wrap(b, extensions, extensions_len);
    built_16(h + 4, b->len);
    h[6] = extensions_len ? next : protocol;
    built_wrap(b, h, sizeof(h));
}

static inline void built_eth(struct built *b, uint16_t ethertype, uint8_t from, uint8_t to)
{
    uint8_t h[14] = {2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from};
    built_16(h + 12, ethertype);
    built_wrap(b, h, sizeof(h));
}
