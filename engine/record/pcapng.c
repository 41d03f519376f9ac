// Implementation of pcapng.h.
#include "record/pcapng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "event/addr.h"
#include "record/block.h"
#include "record/caption.h"
#include "record/held.h"
#include "record/lines.h"

enum {
    LINKTYPE_ETHERNET = 1,
    SNAP_WHOLE = 262144, // what libpcap takes for "all of it"
    NAME_IPV4 = 1,       // kinds of records in the block of names
    NAME_IPV6 = 2,
    FLAGS_OUTBOUND = 2,
    RESOLUTION_NS = 9,       // 10^-9 s
    NUMBERS_MAX = 1 << 20,   // packets whose number in the file is remembered
    CARRIES_MAX = 8,         // calls named on one packet
    NARRATION_MAX = 1 << 20, // bytes said while no packet comes
};

struct interface {
    uint32_t wire, host;
    char name[sizeof((struct interface_end *)0)->name];
    uint8_t mac[6];
};

struct pcapng {
    uint32_t snap;
    bool begun;       // the section's header is written
    int64_t start_ns; // wall clock of t = 0, since 1970
    struct cast cast;
    struct interface *interfaces; // (owned)
    size_t interface_count;
    struct lines calls;   // captions of calls that packets may name
    struct lines sources; // file names by number
    struct held held;
    struct buf narration; // said since the last packet; texts, each with a NUL behind it
    uint64_t *numbers;    // (owned) ids of the newest packets in order
    size_t number_count;
    uint64_t number_first; // in the file, of numbers[0]
    struct buf text;       // scratch
};

struct pcapng *pcapng_new(uint32_t snap)
{
    struct pcapng *p = mem_new(sizeof *p);
    p->snap = snap > 0 && snap < SNAP_WHOLE ? snap : SNAP_WHOLE;
    p->number_first = 1;
    cast_init(&p->cast);
    return p;
}

void pcapng_free(struct pcapng *p)
{
    if (!p)
        return;
    cast_fini(&p->cast);
    free(p->interfaces);
    lines_fini(&p->calls);
    lines_fini(&p->sources);
    held_fini(&p->held);
    buf_fini(&p->narration);
    free(p->numbers);
    buf_fini(&p->text);
    free(p);
}

// Nanoseconds since 1970 of "2024-05-01T10:00:00.123456789Z" (RFC 3339, UTC); 0 for anything else.
static int64_t wall_clock(const char *text)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest || tm.tm_year < 70 || tm.tm_year > 300)
        return 0;
    int64_t ns = (int64_t)timegm(&tm) * CLOCK_S;
    if (*rest == '.')
        for (int64_t unit = CLOCK_S / 10; *++rest >= '0' && *rest <= '9'; unit /= 10)
            ns += (*rest - '0') * unit;
    return ns;
}

static void put_text(struct buf *text, const struct event *e, struct span span)
{
    buf_put(text, event_bytes(e, span), strnlen(event_bytes(e, span), span.len));
}

static void write_section(struct pcapng *p, const struct event *scene, struct buf *out)
{
    static const int32_t unknown[2] = {-1, -1}; // length of the section
    size_t opened = block_open(out, BLOCK_SECTION);
    block_u32(out, 0x1a2b3c4d); // tells the byte order
    block_u16(out, 1);          // version 1.0
    block_u16(out, 0);
    buf_put(out, unknown, sizeof unknown);
    buf_reset(&p->text);
    if (scene) {
        const struct event_scene *s = &scene->as.scene;
        put_text(&p->text, scene, s->title);
        if (s->about.len)
            buf_text(&p->text, "\n");
        put_text(&p->text, scene, s->about);
        block_option_text(out, OPTION_COMMENT, buf_string(&p->text), p->text.len);
        block_option_text(out, OPTION_SECTION_OS, event_bytes(scene, s->kernel), s->kernel.len);
        buf_reset(&p->text);
    }
    static const char program[] = "wirescene " WIRESCENE_VERSION;
    block_option_text(out, OPTION_SECTION_PROGRAM, program, sizeof program - 1);
    block_option_end(out);
    block_close(out, opened);
    p->begun = true;
}

static void option_address(struct buf *out, const struct addr *a, uint8_t prefix)
{
    uint8_t value[17] = {0};
    if (a->family == 4) {
        memcpy(value, a->bytes, 4);
        for (unsigned bit = 0; bit < prefix && bit < 32; bit++)
            value[4 + bit / 8] |= (uint8_t)(0x80 >> bit % 8);
        block_option(out, OPTION_INTERFACE_IPV4, value, 8);
    } else if (a->family == 6) {
        memcpy(value, a->bytes, 16);
        value[16] = prefix;
        block_option(out, OPTION_INTERFACE_IPV6, value, 17);
    }
}

static void write_interface(struct pcapng *p, uint32_t wire, const struct interface_end *end,
                            struct buf *out)
{
    const char *host = cast_host(&p->cast, end->host), *link = cast_wire(&p->cast, wire);
    char address[ADDR_TEXT];
    p->interfaces = mem_resize(p->interfaces, (p->interface_count + 1) * sizeof *p->interfaces);
    struct interface *i = &p->interfaces[p->interface_count++];
    *i = (struct interface){.wire = wire, .host = end->host};
    memcpy(i->name, end->name, sizeof i->name);
    memcpy(i->mac, end->mac, sizeof i->mac);

    size_t opened = block_open(out, BLOCK_INTERFACE);
    block_u16(out, LINKTYPE_ETHERNET);
    block_u16(out, 0);
    block_u32(out, p->snap);
    buf_reset(&p->text);
    buf_printf(&p->text, "%s/%s:%s", link, host, end->name);
    block_option_text(out, OPTION_INTERFACE_NAME, buf_string(&p->text), p->text.len);
    buf_reset(&p->text);
    buf_printf(&p->text, "sent by %s (%s) on %s", host, addr_text(&end->address, address), link);
    block_option_text(out, OPTION_INTERFACE_DESCRIPTION, buf_string(&p->text), p->text.len);
    option_address(out, &end->address, end->prefix);
    option_address(out, &end->address6, end->prefix6);
    block_option(out, OPTION_INTERFACE_MAC, end->mac, 6);
    block_option(out, OPTION_INTERFACE_RESOLUTION, (const uint8_t[]){RESOLUTION_NS}, 1);
    block_option_end(out);
    block_close(out, opened);
}

static void put_name(struct pcapng *p, uint32_t number, const struct addr *a, struct buf *out)
{
    const char *host = cast_host(&p->cast, number);
    size_t address = a->family == 4 ? 4 : 16, len = strlen(host) + 1;
    if (a->family == 0 || len == 1 || len > UINT8_MAX)
        return;
    block_u16(out, a->family == 4 ? NAME_IPV4 : NAME_IPV6);
    block_u16(out, (uint16_t)(address + len));
    buf_reset(&p->text);
    buf_put(&p->text, a->bytes, address);
    buf_put(&p->text, host, len);
    block_bytes(out, p->text.ptr, p->text.len);
}

static bool known(const struct pcapng *p, uint32_t wire, const struct interface_end *end)
{
    for (size_t i = 0; i < p->interface_count; i++) {
        const struct interface *old = &p->interfaces[i];
        if (old->wire == wire && old->host == end->host && strcmp(old->name, end->name) == 0)
            return true;
    }
    return false;
}

static void take_link(struct pcapng *p, const struct event *e, struct buf *out)
{
    const struct event_link *link = &e->as.link;
    const struct interface_end *ends = (const void *)event_bytes(e, link->ends);
    size_t count = link->ends.len / sizeof *ends, before = p->interface_count;
    struct buf names = {0};
    size_t opened = block_open(&names, BLOCK_NAMES);
    for (size_t i = 0; i < count; i++) {
        if (known(p, link->wire, &ends[i]))
            continue;
        write_interface(p, link->wire, &ends[i], out);
        if (link->loopback) // every host has that address
            continue;
        put_name(p, ends[i].host, &ends[i].address, &names);
        put_name(p, ends[i].host, &ends[i].address6, &names);
    }
    block_u32(&names, 0); // the last record
    block_close(&names, opened);
    if (p->interface_count > before)
        buf_put(out, names.ptr, names.len);
    buf_fini(&names);
}

// The interface that the packet came out of; a new one if no link told of it.
static uint32_t interface_of(struct pcapng *p, const struct event *e, struct buf *out)
{
    const struct event_packet *packet = &e->as.packet;
    const char *source = packet->frame.len >= 12 ? event_bytes(e, packet->frame) + 6 : NULL;
    size_t found = p->interface_count;
    for (size_t i = 0; i < p->interface_count; i++) {
        const struct interface *one = &p->interfaces[i];
        if (one->wire != packet->wire || one->host != e->host)
            continue;
        if (found == p->interface_count)
            found = i;
        if (source && memcmp(one->mac, source, sizeof one->mac) == 0)
            return (uint32_t)i;
    }
    if (found == p->interface_count)
        write_interface(p, packet->wire, &(struct interface_end){.host = e->host, .name = "?"},
                        out);
    return (uint32_t)found;
}

static uint64_t number_of(const struct pcapng *p, uint64_t id)
{
    size_t low = 0, high = p->number_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (p->numbers[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->number_count && p->numbers[low] == id ? p->number_first + low : 0;
}

static void remember_number(struct pcapng *p, uint64_t id)
{
    if (p->number_count == NUMBERS_MAX) {
        size_t half = NUMBERS_MAX / 2;
        memmove(p->numbers, p->numbers + half, half * sizeof *p->numbers);
        p->number_count -= half;
        p->number_first += half;
    }
    size_t n = p->number_count;
    if ((n & (n - 1)) == 0) // doubles at each power of two
        p->numbers = mem_resize(p->numbers, (n ? 2 * n : 1) * sizeof *p->numbers);
    p->numbers[p->number_count++] = id;
}

// Ends the text that was begun at `start` of the comments, if there is one.
static void end_comment(struct buf *comments, size_t start)
{
    if (comments->len > start)
        buf_byte(comments, '\0');
}

static void comment_calls(struct pcapng *p, const struct event *e, struct buf *comments)
{
    const struct line *cause = e->cause ? lines_find(&p->calls, e->cause) : NULL;
    if (cause) {
        buf_put(comments, p->calls.texts.ptr + cause->off, cause->len);
        buf_byte(comments, '\0');
    }
    struct span carries = e->as.packet.carries;
    const uint64_t *ids = (const void *)event_bytes(e, carries);
    size_t count = carries.len / sizeof *ids, said = 0, more = 0;
    for (size_t i = 0; i < count; i++) {
        const struct line *call = ids[i] != e->cause ? lines_find(&p->calls, ids[i]) : NULL;
        if (!call)
            continue;
        if (said++ >= CARRIES_MAX) {
            more++;
            continue;
        }
        buf_text(comments, "bytes of ");
        buf_put(comments, p->calls.texts.ptr + call->off, call->len);
        buf_byte(comments, '\0');
    }
    if (more)
        buf_printf(comments, "bytes of %zu more calls%c", more, 0);
}

static void write_packet(const struct pcapng *p, const struct held_packet *held, struct buf *out)
{
    const struct event *e = held->event;
    const struct event_packet *packet = &e->as.packet;
    uint64_t ns = (uint64_t)p->start_ns + (uint64_t)e->t;
    uint32_t captured = packet->frame.len < p->snap ? packet->frame.len : p->snap;
    uint32_t whole = packet->frame_len > captured ? packet->frame_len : captured;
    size_t opened = block_open(out, BLOCK_PACKET);
    block_u32(out, held->interface);
    block_u32(out, (uint32_t)(ns >> 32));
    block_u32(out, (uint32_t)ns);
    block_u32(out, captured);
    block_u32(out, whole);
    block_bytes(out, event_bytes(e, packet->frame), captured);
    for (size_t at = 0; at < held->comments.len;) {
        const char *text = held->comments.ptr + at;
        size_t len = strlen(text);
        block_option_text(out, OPTION_COMMENT, text, len);
        at += len + 1;
    }
    uint32_t flags = FLAGS_OUTBOUND;
    block_option(out, OPTION_PACKET_FLAGS, &flags, sizeof flags);
    block_option(out, OPTION_PACKET_ID, &e->id, sizeof e->id);
    block_option_end(out);
    block_close(out, opened);
}

static void write_first(struct pcapng *p, struct buf *out)
{
    write_packet(p, held_first(&p->held), out);
    held_pop(&p->held);
}

// Writes what is settled; the last packet stays, for what may yet be said about it.
static void write_settled(struct pcapng *p, struct buf *out)
{
    while (p->held.count > 1 && (held_first(&p->held)->settled || held_full(&p->held)))
        write_first(p, out);
}

static void take_packet(struct pcapng *p, const struct event *e, struct buf *out)
{
    write_settled(p, out);
    struct held_packet *held = held_push(&p->held, e);
    held->interface = interface_of(p, e, out);
    buf_put(&held->comments, p->narration.ptr, p->narration.len);
    buf_reset(&p->narration);
    comment_calls(p, e, &held->comments);
    size_t start = held->comments.len;
    caption_note(&held->comments, e, number_of(p, e->as.packet.of));
    end_comment(&held->comments, start);
    remember_number(p, e->id);
    write_settled(p, out);
}

// A packet that is held will arrive later, or be dropped.
static void take_arrive(struct pcapng *p, const struct event *e, struct buf *out)
{
    struct held_packet *held = held_find(&p->held, e->as.arrive.packet);
    if (!held)
        return;
    size_t start = held->comments.len;
    caption_fate(&held->comments, e);
    end_comment(&held->comments, start);
    held->settled = e->as.arrive.fate != FATE_HELD && e->as.arrive.fate != FATE_ON_THE_WIRE;
    write_settled(p, out);
}

static void narrate(struct pcapng *p, const char *prefix, const struct event *e, struct span text)
{
    if (text.len == 0 || p->narration.len + text.len > NARRATION_MAX)
        return;
    buf_text(&p->narration, prefix);
    put_text(&p->narration, e, text);
    buf_byte(&p->narration, '\0');
}

static void narrate_rule(struct pcapng *p, const struct event *e)
{
    if (p->narration.len > NARRATION_MAX)
        return;
    caption_rule(&p->narration, e, &p->cast);
    buf_byte(&p->narration, '\0');
}

static void narrate_busy(struct pcapng *p, const struct event *e)
{
    if (p->narration.len > NARRATION_MAX)
        return;
    caption_busy(&p->narration, e, &p->cast);
    buf_byte(&p->narration, '\0');
}

static void take_call(struct pcapng *p, const struct event *e)
{
    const struct line *file = e->source ? lines_find(&p->sources, e->source) : NULL;
    struct buf name = {0};
    if (file)
        buf_put(&name, p->sources.texts.ptr + file->off, file->len);
    buf_reset(&p->text);
    caption_call(&p->text, e, &p->cast, file ? buf_string(&name) : NULL);
    size_t len = strnlen(buf_string(&p->text), p->text.len);
    lines_put(&p->calls, e->id, p->text.ptr, len);
    buf_fini(&name);
}

void pcapng_event(struct pcapng *p, const struct event *e, struct buf *out)
{
    cast_learn(&p->cast, e);
    if (!p->begun) {
        if (e->type == EVENT_SCENE) {
            buf_reset(&p->text);
            put_text(&p->text, e, e->as.scene.started);
            p->start_ns = wall_clock(buf_string(&p->text));
        }
        write_section(p, e->type == EVENT_SCENE ? e : NULL, out);
    }
    switch (e->type) {
    case EVENT_SOURCE:
        lines_put(&p->sources, p->sources.count + 1, event_bytes(e, e->as.source.name),
                  e->as.source.name.len);
        break;
    case EVENT_LINK:
        take_link(p, e, out);
        break;
    case EVENT_CALL:
    case EVENT_BLOCKED:
        take_call(p, e);
        break;
    case EVENT_SAY:
        narrate(p, "", e, e->as.say.text);
        break;
    case EVENT_CUE:
        narrate(p, "", e, e->as.cue.text);
        break;
    case EVENT_PROGRAM:
        if (e->as.program.ended)
            narrate(p, "ended: ", e, e->as.program.program);
        else
            narrate(p, "runs: ", e, e->as.program.command);
        break;
    case EVENT_BUSY:
        narrate_busy(p, e);
        break;
    case EVENT_RULE:
        narrate_rule(p, e);
        break;
    case EVENT_EXPECT:
        if (!e->as.expect.ok)
            narrate(p, "check failed: ", e, e->as.expect.text);
        break;
    case EVENT_ERROR:
        narrate(p, "error: ", e, e->as.error.message);
        break;
    case EVENT_PACKET:
        take_packet(p, e, out);
        break;
    case EVENT_ARRIVE:
        take_arrive(p, e, out);
        break;
    }
}

void pcapng_end(struct pcapng *p, struct buf *out)
{
    if (!p->begun)
        write_section(p, NULL, out);
    struct held_packet *last = held_last(&p->held);
    if (last)
        buf_put(&last->comments, p->narration.ptr, p->narration.len);
    buf_reset(&p->narration);
    while (p->held.count)
        write_first(p, out);
}
