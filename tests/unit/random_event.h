// random_event: sound records of every type, made from the table of fields alone.
//
// A scene of them is consistent: hosts, wires and actors are introduced before others speak of
// them. Fields that do not apply keep what event_init gave them, so that equal records are equal
// bytes.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "event/addr.h"
#include "event/cast.h"
#include "event/event.h"
#include "event/fields.h"

struct random_scene {
    uint64_t seed; // not 0
    uint64_t id;
    struct cast cast;
    _Alignas(8) char at[EVENT_MAX];
};

// Source: Marsaglia, "Xorshift RNGs", 2003.
static uint64_t random_bits(struct random_scene *s)
{
    s->seed ^= s->seed << 13;
    s->seed ^= s->seed >> 7;
    s->seed ^= s->seed << 17;
    return s->seed;
}

static uint64_t random_below(struct random_scene *s, uint64_t limit)
{
    return random_bits(s) % limit;
}

// Small, large, and the ends of the range 0…most.
static uint64_t random_number(struct random_scene *s, uint64_t most)
{
    switch (random_below(s, 5)) {
    case 0:
        return 0;
    case 1:
        return most;
    case 2:
        return random_bits(s) & most;
    default:
        return random_below(s, 1000) & most;
    }
}

// Text whose letters try every escape. Cut between letters if it has no room.
static size_t random_text(struct random_scene *s, char *to, size_t room, bool with_nul)
{
    static const char *const pieces[] = {"hello",
                                         "서버",
                                         "한국어 글",
                                         "🙂",
                                         "e\xcc\x81",
                                         "\"\\/",
                                         "\n\r\t",
                                         "\x01\x1b\x7f",
                                         "\xc2\x80",
                                         "\xc2\x9f",
                                         "\xc2\xa0",
                                         "\xe2\x80\xa8",
                                         "\xe2\x80\xae",
                                         "\xef\xbf\xbd",
                                         "</script>",
                                         "\\x41\\n",
                                         " ",
                                         "\xf4\x8f\xbf\xbf",
                                         "\xef\xbf\xbf",
                                         ""}; // the last: a NUL
    const size_t count = sizeof pieces / sizeof *pieces;
    size_t want = random_below(s, 4) == 0 ? 0 : random_below(s, 12), n = 0;
    if (random_below(s, 200) == 0)
        want = SIZE_MAX;
    while (want--) {
        size_t i = random_below(s, with_nul ? count : count - 1);
        size_t len = i == count - 1 ? 1 : strlen(pieces[i]);
        if (room - n < len)
            break;
        memcpy(to + n, pieces[i], len);
        n += len;
    }
    return n;
}

static size_t random_bytes(struct random_scene *s, char *to, size_t room)
{
    size_t len = random_below(s, 100) == 0 ? room : random_below(s, room < 100 ? room : 100);
    for (size_t i = 0; i < len; i++)
        to[i] = (char)random_bits(s);
    return len;
}

static struct addr random_addr(struct random_scene *s)
{
    struct addr a = {.family = (uint8_t)(random_below(s, 3) * 2)};
    a.family = a.family ? (uint8_t)(a.family + 2) : 0;
    size_t len = a.family == 4 ? 4 : a.family == 6 ? 16 : 0;
    for (size_t i = 0; i < len; i++)
        a.bytes[i] = (uint8_t)(random_below(s, 3) ? random_bits(s) : 0);
    if (a.family)
        a.port = (uint16_t)random_number(s, UINT16_MAX);
    return a;
}

static void random_ends(struct random_scene *s, struct event *e, struct span *span)
{
    struct interface_end ends[40] = {0};
    size_t count = random_below(s, 8) ? random_below(s, 5) : 40;
    for (size_t i = 0; i < count; i++) {
        ends[i].host = (uint32_t)random_below(s, s->cast.host_count + 1);
        snprintf(ends[i].name, sizeof ends[i].name, "%s%u", i % 2 ? "eth" : "이더넷",
                 (unsigned)i % 100);
        for (size_t k = 0; k < 6; k++)
            ends[i].mac[k] = (uint8_t)random_bits(s);
        ends[i].address = random_addr(s);
        ends[i].address.port = 0;
        ends[i].prefix = (uint8_t)random_below(s, ends[i].address.family == 4   ? 33
                                                  : ends[i].address.family == 6 ? 129
                                                                                : 1);
        if (random_below(s, 2)) {
            ends[i].address6 = (struct addr){.family = 6, .bytes = {0xfd, [15] = (uint8_t)i}};
            ends[i].prefix6 = (uint8_t)random_below(s, 129);
        }
    }
    event_put(e, sizeof s->at, span, ends, count * sizeof *ends);
}

static void random_watched(struct random_scene *s, struct event *e, struct span *span)
{
    struct watched watched[EVENT_WATCHED];
    size_t count = random_below(s, 8) ? random_below(s, 5) : EVENT_WATCHED;
    for (size_t i = 0; i < count; i++)
        watched[i] = (struct watched){.fd = (int32_t)random_number(s, UINT32_MAX),
                                      .sock = (uint32_t)random_number(s, UINT32_MAX),
                                      .conn = (uint32_t)random_number(s, UINT32_MAX),
                                      .what = (uint32_t)random_below(s, WATCH_ALL + 1)};
    event_put(e, sizeof s->at, span, watched, count * sizeof *watched);
}

static void random_texts(struct random_scene *s, struct event *e, struct span *span)
{
    char text[20000];
    for (size_t i = random_below(s, 2) ? random_below(s, 10) : 0; i > 0; i--) {
        text[random_text(s, text, sizeof text - 1, false)] = '\0';
        event_put_item(e, sizeof s->at, span, text);
    }
}

static void random_pairs(struct random_scene *s, struct event *e, struct span *span)
{
    char name[80], value[20000];
    size_t count = random_below(s, 2) ? random_below(s, 10) : 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = i ? (size_t)snprintf(name, 16, "%zu", i) : 0;
        name[n + random_text(s, name + n, 60, false)] = '\0';
        value[random_text(s, value, sizeof value - 1, false)] = '\0';
        event_put_pair(e, sizeof s->at, span, name, value);
    }
}

static void random_span(struct random_scene *s, struct event *e, const struct field *f)
{
    static _Alignas(8) char bytes[EVENT_MAX];
    struct span *span = (struct span *)((char *)e + f->offset);
    size_t len;
    switch (f->kind) {
    case FIELD_NAME: // unlike all others
        len = (size_t)snprintf(bytes, sizeof bytes, "이름/%ju", (uintmax_t)e->id);
        break;
    case FIELD_TEXT:
        len = strcmp(f->name, "format") == 0 ? (size_t)sprintf(bytes, EVENT_FORMAT)
                                             : random_text(s, bytes, sizeof bytes, true);
        break;
    case FIELD_IDS:
    case FIELD_RANGES:
        len = random_bytes(s, bytes, 512) & ~(size_t)15;
        for (size_t i = 0; i < len; i += 8) {
            uint64_t n = random_number(s, EVENT_NUMBER_MAX);
            memcpy(bytes + i, &n, sizeof n);
        }
        break;
    case FIELD_TEXTS:
        random_texts(s, e, span);
        return;
    case FIELD_PAIRS:
        random_pairs(s, e, span);
        return;
    case FIELD_ENDS:
        random_ends(s, e, span);
        return;
    case FIELD_WATCHED:
        random_watched(s, e, span);
        return;
    default:
        len = random_below(s, 2) ? random_text(s, bytes, sizeof bytes, true)
                                 : random_bytes(s, bytes, sizeof bytes);
    }
    event_put(e, sizeof s->at, span, bytes, len);
}

static uint32_t random_word(struct random_scene *s, const struct field *f)
{
    uint32_t count = 0;
    switch (f->kind) {
    case FIELD_BOOL:
        return (uint32_t)random_below(s, 2);
    case FIELD_ENUM:
        while (f->names[count])
            count++;
        return (uint32_t)random_below(s, count);
    case FIELD_ERRNO:
        return (uint32_t)random_number(s, random_below(s, 9) ? 127 : UINT32_MAX);
    case FIELD_HOST:
        return (uint32_t)random_below(s, s->cast.host_count + 1);
    case FIELD_WIRE:
        return (uint32_t)random_below(s, s->cast.wire_count + 1);
    case FIELD_ACTOR:
        return (uint32_t)random_below(s, s->cast.actor_count + 1);
    case FIELD_PROTOCOLS:
    case FIELD_TCP_FLAGS:
        return (uint32_t)random_below(s, 256);
    default:
        return (uint32_t)random_number(s, UINT32_MAX);
    }
}

static void random_field(struct random_scene *s, struct event *e, const struct field *f)
{
    struct field always = *f;
    always.when &= FIELD_TCP | FIELD_ANY_ICMP;
    if (!field_present(e, &always))
        return;
    void *at = (char *)e + f->offset;
    if (field_is_span(f->kind))
        random_span(s, e, f);
    else if (f->kind == FIELD_U64)
        *(uint64_t *)at = random_number(s, EVENT_NUMBER_MAX);
    else if (f->kind == FIELD_I64)
        *(int64_t *)at = (int64_t)(random_number(s, INT64_MAX) ^ -random_below(s, 2));
    else if (f->kind == FIELD_I32)
        *(int32_t *)at = (int32_t)random_number(s, UINT32_MAX);
    else if (f->kind == FIELD_U16)
        *(uint16_t *)at = (uint16_t)random_number(s, UINT16_MAX);
    else if (f->kind == FIELD_ADDR)
        *(struct addr *)at = random_addr(s);
    else
        *(uint32_t *)at = random_word(s, f);
}

// Which of the things introduced before a `link` or `actor` event speaks of; 0: a new one.
static uint32_t random_old(struct random_scene *s, enum event_type type, const char **name)
{
    size_t count = type == EVENT_LINK    ? s->cast.wire_count
                   : type == EVENT_ACTOR ? s->cast.actor_count
                                         : 0;
    uint32_t old = (uint32_t)random_below(s, count + 1);
    *name = type == EVENT_LINK ? cast_wire(&s->cast, old) : cast_actor(&s->cast, old);
    return old;
}

static void random_number_of(struct random_scene *s, struct event *e, uint32_t old)
{
    if (e->type == EVENT_HOST) {
        e->host = (uint32_t)s->cast.host_count + 1;
    } else if (e->type == EVENT_LINK) {
        e->as.link.again = old != 0;
        e->as.link.wire = old ? old : (uint32_t)s->cast.wire_count + 1;
    } else if (e->type == EVENT_ACTOR) {
        e->as.actor.ended = old ? ENDED_NORMAL + (uint32_t)random_below(s, ENDED_COUNT - 1) : 0;
        e->actor = old ? old : (uint32_t)s->cast.actor_count + 1;
    }
}

// The next event of the scene, at s->at; the cast has learned it.
static struct event *random_event(struct random_scene *s, enum event_type type)
{
    const char *name;
    uint32_t old = random_old(s, type, &name);
    struct event *e = event_init(s->at, sizeof s->at, type);
    for (const struct field *f = event_header_fields; f->name; f++)
        random_field(s, e, f);
    e->id = ++s->id;
    for (const struct field *f = event_shapes[type].fields; f->name; f++)
        if (f->kind == FIELD_NAME && old)
            event_put(e, sizeof s->at, (struct span *)((char *)e + f->offset), name, strlen(name));
        else
            random_field(s, e, f);
    random_number_of(s, e, old);
    cast_learn(&s->cast, e);
    return e;
}
