// filter: what is known of a packet in a fixed, small row, and which packets a scene means.
//
// One filter serves packets() and the rules of a wire.
#pragma once

#include "event/event.h"

struct packet_row {
    uint64_t id, call; // call: the `call` or `blocked` event that sent it; 0: none
    int64_t t_ns;
    uint64_t of;
    uint64_t data_off; // of its payload, in the caller's arena
    uint32_t seq, ack, window, len;
    uint32_t conn;
    uint16_t on, from, to; // wire, hosts
    uint16_t from_port, to_port, mss;
    int32_t fragment; // where in its IP packet its payload stands; EVENT_NONE: it is whole
    uint8_t protocols, protocol; // what is in the frame; the transport, of later fragments too
    uint8_t flags, ttl, note, fate, icmp;
};

// What is asked for; a field counts if its bit is in `asked`.
enum {
    ASK_ON = 1 << 0,
    ASK_FROM = 1 << 1,
    ASK_TO = 1 << 2,
    ASK_FROM_PORT = 1 << 3,
    ASK_TO_PORT = 1 << 4,
    ASK_PORT = 1 << 5, // of either end
    ASK_FLAGS = 1 << 6,
    ASK_LEN = 1 << 7,
    ASK_MIN_LEN = 1 << 8,
    ASK_HAS_DATA = 1 << 9,
    ASK_SEQ = 1 << 10,
    ASK_ACK = 1 << 11,
    ASK_WINDOW = 1 << 12,
    ASK_MSS = 1 << 13,
    ASK_TTL = 1 << 14,
    ASK_NOTE = 1 << 15,
    ASK_OF = 1 << 16,
    ASK_FATE = 1 << 17,
    ASK_CALL = 1 << 18,
    ASK_CONN = 1 << 19,
    ASK_SINCE = 1 << 20,
    ASK_ID = 1 << 21,
    ASK_DATA = 1 << 22, // exactly these bytes
    ASK_PROTOCOL = 1 << 23,
    ASK_ICMP = 1 << 24,
    ASK_FRAGMENT = 1 << 25,    // the one that begins there
    ASK_IS_FRAGMENT = 1 << 26, // any
};

struct filter {
    uint32_t asked;
    uint32_t on, from, to, from_port, to_port, port, flags, len, min_len, seq, ack, window, mss,
        ttl, note, fate, conn, protocol, icmp;
    int32_t fragment;
    bool has_data, is_fragment;
    uint64_t of, call, id;
    int64_t since_ns;
    const char *data; // (borrowed)
    size_t data_len;
};

// `payload` are the row's `len` bytes; NULL: they were not kept, and equal no others.
bool filter_match(const struct filter *f, const struct packet_row *row, const char *payload);

// Flags as filters compare them: PSH never matters, ACK only beside SYN.
uint32_t filter_plain_flags(uint32_t flags);
