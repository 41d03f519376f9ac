// Implementation of event.h: making records, and checking foreign ones.
#include "event/event.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "event/fields.h"

static uint32_t up8(uint32_t n)
{
    return (n + 7) & ~UINT32_C(7);
}

// Fields for which 0 says something, and EVENT_NONE that they are absent.
static void set_absent(struct event *e)
{
    for (const struct field *f = event_shapes[e->type].fields; f && f->name; f++) {
        if (!(f->when & FIELD_NOT_NONE))
            continue;
        if (f->kind == FIELD_I32)
            *(int32_t *)((char *)e + f->offset) = EVENT_NONE;
        else
            *(int64_t *)((char *)e + f->offset) = EVENT_NONE;
    }
}

struct event *event_init(void *at, size_t room, enum event_type type)
{
    static struct event
        blank[EVENT_TYPES]; // each made when it is wanted first; only one thread makes events
    uint32_t size = event_shapes[type].size;
    if (room < size)
        return NULL;
    if (!blank[type].len) {
        blank[type].len = size;
        blank[type].type = (uint16_t)type;
        set_absent(&blank[type]);
    }
    return memcpy(at, &blank[type], size);
}

// Bytes of the record's room behind `off`.
static size_t left(size_t room, uint32_t off)
{
    size_t most = (room < EVENT_MAX ? room : EVENT_MAX) & ~(size_t)7;
    return most > off ? most - off : 0;
}

// The span has what was written there; the record ends behind it.
static void close_span(struct event *e, struct span *span, uint32_t off, size_t len)
{
    *span = (struct span){len ? off : 0, (uint32_t)len};
    uint32_t end = off + (uint32_t)len;
    e->len = up8(end);
    memset((char *)e + end, 0, e->len - end);
}

// Copies what has room, cut between letters, with U+FFFD for each byte that is no UTF-8. Returns
// the bytes written.
static size_t copy_text(char *to, size_t room, const char *text, size_t len)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    size_t n = 0;
    while (len) {
        size_t sound = utf8_sound(text, len), fits = utf8_cut(text, sound, room - n);
        memcpy(to + n, text, fits);
        n += fits;
        if (fits < sound || sound == len || room - n < 3)
            break;
        memcpy(to + n, replacement, 3);
        n += 3;
        text += sound + 1;
        len -= sound + 1;
    }
    return n;
}

void event_put_plain(struct event *e, size_t room, struct span *span, const void *bytes, size_t len)
{
    if (len > left(room, e->len)) {
        event_put(e, room, span, bytes, len);
    } else if (len) {
        memcpy((char *)e + e->len, bytes, len);
        close_span(e, span, e->len, len);
    }
}

static enum field_kind kind_of(const struct event *e, const struct span *span)
{
    size_t offset = (size_t)((const char *)span - (const char *)e);
    for (const struct field *f = event_shapes[e->type].fields; f && f->name; f++)
        if (f->offset == offset)
            return f->kind;
    return FIELD_BYTES;
}

void event_put(struct event *e, size_t room, struct span *span, const void *bytes, size_t len)
{
    enum field_kind kind = kind_of(e, span);
    if (kind == FIELD_TEXT || kind == FIELD_NAME) {
        event_put_text(e, room, span, bytes, len);
        return;
    }
    size_t most = left(room, e->len);
    if (len > most)
        len = most;
    len -= len % field_unit(kind);
    if (len)
        memcpy((char *)e + e->len, bytes, len);
    close_span(e, span, e->len, len);
}

void event_put_text(struct event *e, size_t room, struct span *span, const char *text, size_t len)
{
    len = copy_text((char *)e + e->len, left(room, e->len), text, len);
    close_span(e, span, e->len, len);
}

void event_put_pair(struct event *e, size_t room, struct span *span, const char *name,
                    const char *value)
{
    uint32_t off = span->len ? span->off : e->len;
    uint32_t at = off + span->len;
    assert(up8(at) == e->len);
    size_t most = left(room, at), name_len = strlen(name);
    if (most < name_len + 2)
        return;
    char *to = (char *)e + at;
    size_t n = copy_text(to, most - 2, name, name_len);
    if (n < name_len)
        return;
    to[n++] = '\0';
    n += copy_text(to + n, most - n - 1, value, strlen(value));
    to[n++] = '\0';
    close_span(e, span, off, span->len + n);
}

void event_put_item(struct event *e, size_t room, struct span *span, const char *text)
{
    uint32_t off = span->len ? span->off : e->len;
    uint32_t at = off + span->len;
    assert(up8(at) == e->len);
    size_t most = left(room, at);
    if (most == 0)
        return;
    char *to = (char *)e + at;
    size_t n = copy_text(to, most - 1, text, strlen(text));
    to[n++] = '\0';
    close_span(e, span, off, span->len + n);
}

bool event_pair(const struct event *e, struct span span, size_t *at, const char **name,
                const char **value)
{
    if (*at >= span.len)
        return false;
    *name = event_bytes(e, span) + *at;
    *value = *name + strlen(*name) + 1;
    *at = (size_t)(*value + strlen(*value) + 1 - event_bytes(e, span));
    return true;
}

// `in`: how many texts belong together.
static bool texts_sound(const char *bytes, size_t len, size_t in)
{
    size_t strings = 0;
    for (size_t at = 0; at < len; strings++) {
        const char *nul = memchr(bytes + at, '\0', len - at);
        if (!nul)
            return false;
        at = (size_t)(nul - bytes) + 1;
    }
    return strings % in == 0 && utf8_sound(bytes, len) == len;
}

static bool addr_sound(const struct addr *a)
{
    return a->family == 0 || a->family == 4 || a->family == 6;
}

static bool end_sound(const struct interface_end *end)
{
    static const uint8_t longest[] = {[4] = 32, [6] = 128};
    size_t len = strnlen(end->name, sizeof end->name);
    return len < sizeof end->name && utf8_sound(end->name, len) == len &&
           addr_sound(&end->address) && end->prefix <= longest[end->address.family] &&
           addr_sound(&end->address6) && end->prefix6 <= longest[end->address6.family];
}

static bool numbers_sound(const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] > EVENT_NUMBER_MAX)
            return false;
    return true;
}

// *budget: bytes behind the body that no other span has claimed, so that spans which overlap cannot
// make a small record into a long line.
static bool span_sound(const struct event *e, const struct field *f, size_t *budget)
{
    struct span span = *(const struct span *)field_at(e, f);
    if (span.len == 0)
        return span.off <= e->len && f->kind != FIELD_NAME;
    if (span.len > *budget || span.off < event_shapes[e->type].size || span.off > e->len ||
        span.len > e->len - span.off)
        return false;
    *budget -= span.len;
    size_t unit = field_unit(f->kind);
    if (span.len % unit || (unit > 1 && span.off % 8))
        return false;
    const char *bytes = event_bytes(e, span);
    switch (f->kind) {
    case FIELD_NAME:
        return !memchr(bytes, '\0', span.len) && utf8_sound(bytes, span.len) == span.len;
    case FIELD_TEXT:
        return utf8_sound(bytes, span.len) == span.len;
    case FIELD_PAIRS:
        return texts_sound(bytes, span.len, 2);
    case FIELD_TEXTS:
        return texts_sound(bytes, span.len, 1);
    case FIELD_IDS:
    case FIELD_RANGES:
        return numbers_sound((const void *)bytes, span.len / sizeof(uint64_t));
    case FIELD_ENDS:
        for (size_t i = 0; i < span.len / unit; i++)
            if (!end_sound((const struct interface_end *)(const void *)bytes + i))
                return false;
        return true;
    case FIELD_WATCHED:
        for (size_t i = 0; i < span.len / unit; i++)
            if (((const struct watched *)(const void *)bytes)[i].what > WATCH_ALL)
                return false;
        return true;
    default:
        return true;
    }
}

static bool enum_sound(uint32_t value, const char *const *names)
{
    for (uint32_t i = 0; names[i]; i++)
        if (i == value)
            return true;
    return false;
}

static bool field_sound(const struct event *e, const struct field *f, size_t *budget)
{
    if (field_is_span(f->kind))
        return span_sound(e, f, budget);
    const void *at = field_at(e, f);
    switch (f->kind) {
    case FIELD_U64:
        return numbers_sound(at, 1);
    case FIELD_BOOL:
        return *(const uint32_t *)at <= 1;
    case FIELD_ENUM:
        return enum_sound(*(const uint32_t *)at, f->names);
    case FIELD_PROTOCOLS:
    case FIELD_TCP_FLAGS:
        return *(const uint32_t *)at <= UINT8_MAX;
    case FIELD_ADDR:
        return addr_sound(at);
    default:
        return true;
    }
}

int event_check(const void *bytes, size_t len, struct err *err)
{
    const struct event *e = bytes;
    if ((uintptr_t)bytes % 8)
        return err_set(err, "the record is not aligned");
    if (len < offsetof(struct event, as))
        return err_set(err, "%zu bytes are too few for a record", len);
    if (e->type == EVENT_PADDING || e->type >= EVENT_TYPES)
        return err_set(err, "event %ju has the unknown type %u", (uintmax_t)e->id, e->type);
    const struct event_shape *shape = &event_shapes[e->type];
    if (e->len < shape->size || e->len > len || e->len > EVENT_MAX || e->len % 8)
        return err_set(err, "event %ju (%s) has the impossible length %u", (uintmax_t)e->id,
                       shape->name, e->len);
    size_t budget = e->len - shape->size;
    const struct field *tables[] = {event_header_fields, shape->fields};
    for (size_t i = 0; i < 2; i++)
        for (const struct field *f = tables[i]; f->name; f++)
            if (!field_sound(e, f, &budget))
                return err_set(err, "event %ju (%s) has a broken field \"%s\"", (uintmax_t)e->id,
                               shape->name, f->name);
    return 0;
}
