// packets: what has entered the wires so far, for `packets()` of the language.
//
// A fixed, small row a packet; payload bytes in one arena up to a limit.
#pragma once

#include "packet/filter.h"

#define PACKETS_MAX 1000000u
#define PACKETS_DATA_MAX (64u * 1024 * 1024)

#define PACKETS_NO_DATA UINT64_MAX // data_off: its payload was not kept

struct packets {
    struct packet_row *rows; // (owned)
    uint32_t count, cap;
    uint32_t missed; // came after the table was full
    char *data;      // (owned)
    size_t data_len, data_cap;
};

void packets_fini(struct packets *p);

// Returns the row's place, or UINT32_MAX if there is no more room.
uint32_t packets_add(struct packets *p, const struct packet_row *row, const uint8_t *data);

// Its payload; NULL: it has none, or was not kept.
const char *packets_payload(const struct packets *p, const struct packet_row *row);
