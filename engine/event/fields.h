// fields: the table of what each type of event is made of.
//
// JSON writer, JSON reader, the check of foreign records and the tests all run on this table.
#pragma once

#include "event/event.h"

enum field_kind {
    FIELD_U16,
    FIELD_U32,
    FIELD_U64, // at most EVENT_NUMBER_MAX
    FIELD_I32,
    FIELD_I64,
    FIELD_BOOL,      // uint32_t
    FIELD_ENUM,      // uint32_t; JSON: its name
    FIELD_ERRNO,     // uint32_t; JSON: "ECONNREFUSED", the number where it has no name
    FIELD_HOST,      // uint32_t; JSON: the host's name
    FIELD_WIRE,      // uint32_t; JSON: the wire's name
    FIELD_ACTOR,     // uint32_t; JSON: the actor's name
    FIELD_PROTOCOLS, // uint32_t of PROTOCOL_…; JSON: "eth:ip:tcp"
    FIELD_TCP_FLAGS, // uint32_t; JSON: "SA"
    FIELD_ADDR,      // struct addr; JSON: "10.1.0.1:8080", "[fd00::1]:80", without port "10.1.0.1"
    // Spans, from here on:
    FIELD_TEXT,    // span of UTF-8
    FIELD_NAME,    // span of UTF-8, not empty, without NUL: the name that this event introduces
    FIELD_PREVIEW, // span of any bytes; JSON: text as preview.h writes it
    FIELD_BYTES,   // span of any bytes; JSON: base64
    FIELD_IDS,     // span of uint64_t; JSON: list
    FIELD_RANGES,  // span of uint64_t in twos; JSON: list of [left, right]
    FIELD_TEXTS,   // span of UTF-8, each text ended by NUL; JSON: list of strings
    FIELD_PAIRS,   // span; JSON: object of strings
    FIELD_ENDS,    // span of struct interface_end; JSON: list of objects
    FIELD_WATCHED, // span of struct watched; JSON: list of objects
};

enum {
    FIELD_ALWAYS = 0,   // always in JSON
    FIELD_NOT_ZERO = 1, // absent in JSON when zero or empty
    FIELD_NOT_NONE = 2, // absent in JSON when EVENT_NONE
    FIELD_TCP = 4,      // only in packets with TCP
    FIELD_ANY_ICMP = 8, // only in packets with ICMP or ICMPv6
};

struct field {
    const char *name; // key in JSON; NULL ends a table
    enum field_kind kind;
    uint16_t offset;          // in struct event
    uint16_t when;            // FIELD_… above
    const char *const *names; // of FIELD_ENUM, ended by NULL
};

struct event_shape {
    const char *name; // "packet"
    uint32_t size;    // bytes of header and body
    const struct field *fields;
};

extern const struct event_shape event_shapes[EVENT_TYPES];

// In the order of JSON; `type` stands between t and host. The `host` event has its own name in the
// place of host, the `actor` event in the place of actor.
extern const struct field event_header_fields[];

// Whether the field stands in JSON.
bool field_present(const struct event *e, const struct field *f);

// The member of the event that the field describes.
static inline const void *field_at(const struct event *e, const struct field *f)
{
    return (const char *)e + f->offset;
}

// How the kind is kept in the record.
bool field_is_span(enum field_kind kind);
size_t field_unit(enum field_kind kind); // bytes of one element of a span

// Names of the enumerations, each ended by NULL; also what people are shown.
extern const char *const names_of_call[];   // "connect"
extern const char *const names_of_socket[]; // "tcp"
extern const char *const
    names_of_state[]; // "ESTABLISHED"; 0 and CLOSE are both "CLOSE" to people, "NONE" in JSON
extern const char *const names_of_timer[];
extern const char *const names_of_note[]; // "duplicate ack"
extern const char *const names_of_kind[];
extern const char *const names_of_origin[];
extern const char *const names_of_rewritten[];
extern const char *const names_of_icmp[]; // "port unreachable"
extern const char *const names_of_fate[]; // "on the wire"
extern const char *const names_of_action[];
extern const char *const names_of_role[];
extern const char *const names_of_ended[];
extern const char *const names_of_reason[];
extern const char *const names_of_stream[];
extern const char *const names_of_refused[];
extern const char *const names_of_late[];
extern const char *const names_of_message_flags[]; // "MSG_PEEK"
