// packets: what has entered the wires so far, for `packets()` of the language.
//
// A fixed, small row a packet; payload bytes in one arena up to a limit.
#pragma once

#include "event/event.h"

#define PACKETS_MAX 1000000u
#define PACKETS_DATA_MAX (64u * 1024 * 1024)

struct packet_row {
    uint64_t id, call; // call: the `call` or `blocked` event that sent it; 0: none
    int64_t t_ns;
    uint64_t of;
    uint64_t data_off; // in the arena; PACKETS_NO_DATA: not kept
    uint32_t seq, ack, window, len;
    uint32_t conn;
    uint16_t on, from, to; // wire, hosts
    uint16_t from_port, to_port, mss;
    uint8_t protocols, flags, ttl, note, fate;
};

#define PACKETS_NO_DATA UINT64_MAX

struct packets {
    struct packet_row *rows; // (owned)
    uint32_t count, cap;
    uint32_t missed; // came after the table was full
    char *data;      // (owned)
    size_t data_len, data_cap;
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
};

struct packet_filter {
    uint32_t asked;
    uint32_t on, from, to, from_port, to_port, port, flags, len, min_len, seq, ack, window, mss,
        ttl, note, fate, conn;
    bool has_data;
    uint64_t of, call, id;
    int64_t since_ns;
};

void packets_fini(struct packets *p);

// Returns the row's place, or UINT32_MAX if there is no more room.
uint32_t packets_add(struct packets *p, const struct packet_row *row, const uint8_t *data);

bool packets_match(const struct packet_row *row, const struct packet_filter *f);

// Flags as filters compare them: PSH never matters, ACK only beside SYN.
uint32_t packets_plain_flags(uint32_t flags);
