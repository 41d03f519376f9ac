// Implementation of json_write.
#include "event/json.h"

#include <string.h>

#include "event/addr.h"
#include "event/fields.h"
#include "event/flags.h"
#include "event/preview.h"

static void put_u64(struct buf *b, uint64_t n)
{
    char digits[20], *at = digits + sizeof digits;
    do
        *--at = (char)('0' + n % 10);
    while (n /= 10);
    buf_put(b, at, (size_t)(digits + sizeof digits - at));
}

static void put_i64(struct buf *b, int64_t n)
{
    if (n < 0)
        buf_byte(b, '-');
    put_u64(b, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

// Bytes that cannot stand for themselves in a string: 1. 2: may begin a control of two bytes,
// U+0080 to U+009F, which some terminals obey and a line may be printed on one.
static const uint8_t special[256] = {
    [0 ... 0x1f] = 1, ['"'] = 1, ['\\'] = 1, [0x7f] = 1, [0xc2] = 2,
};

static void put_escape(struct buf *b, unsigned char letter)
{
    static const char marks[] = "\"\\bfnrt", meant[] = "\"\\\b\f\n\r\t";
    static const char hex[] = "0123456789abcdef";
    const char *found = letter ? strchr(meant, letter) : NULL;
    if (found) {
        buf_byte(b, '\\');
        buf_byte(b, marks[found - meant]);
        return;
    }
    buf_put(b, "\\u00", 4);
    buf_byte(b, hex[letter >> 4]);
    buf_byte(b, hex[letter & 15]);
}

// The text of a string without its quotes.
static void put_letters(struct buf *b, const char *text, size_t len)
{
    size_t done = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (!special[byte])
            continue;
        bool two = special[byte] == 2;
        if (two && (i + 1 == len || (unsigned char)text[i + 1] > 0x9f))
            continue;
        buf_put(b, text + done, i - done);
        i += two;
        put_escape(b, (unsigned char)text[i]);
        done = i + 1;
    }
    buf_put(b, text + done, len - done);
}

void json_quote(struct buf *b, const char *text, size_t len)
{
    buf_byte(b, '"');
    put_letters(b, text, len);
    buf_byte(b, '"');
}

static void put_text(struct buf *b, const char *text)
{
    json_quote(b, text, strlen(text));
}

static void put_key(struct buf *b, const char *key)
{
    buf_put(b, ",\"", 2);
    buf_text(b, key);
    buf_put(b, "\":", 2);
}

// The escapes of a preview hold backslashes, which JSON escapes again; else its text needs nothing.
// So it is written behind the line, doubled in place from the back, and needs no memory of its own.
static void put_preview(struct buf *b, const char *bytes, size_t len)
{
    buf_byte(b, '"');
    size_t start = b->len;
    preview_text(b, bytes, len);
    size_t extra = 0;
    for (size_t i = start; i < b->len; i++)
        extra += b->ptr[i] == '\\' || b->ptr[i] == '"';
    buf_room(b, extra);
    for (size_t from = b->len, to = b->len + extra; from > start && to > from;) {
        char c = b->ptr[--from];
        b->ptr[--to] = c;
        if (c == '\\' || c == '"')
            b->ptr[--to] = '\\';
    }
    b->len += extra;
    buf_byte(b, '"');
}

// RFC 4648, 4.
static void put_base64(struct buf *b, const unsigned char *bytes, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = buf_room(b, (len + 2) / 3 * 4 + 2);
    *to++ = '"';
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t three = (uint32_t)bytes[i] << 16 | (n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (n > 2 ? bytes[i + 2] : 0);
        *to++ = letters[three >> 18];
        *to++ = letters[three >> 12 & 63];
        *to++ = n > 1 ? letters[three >> 6 & 63] : '=';
        *to++ = n > 2 ? letters[three & 63] : '=';
    }
    *to = '"';
    b->len += (len + 2) / 3 * 4 + 2;
}

static void put_numbers(struct buf *b, const uint64_t *numbers, size_t count, bool in_twos)
{
    buf_byte(b, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_byte(b, ',');
        if (in_twos && i % 2 == 0)
            buf_byte(b, '[');
        put_u64(b, numbers[i]);
        if (in_twos && i % 2 == 1)
            buf_byte(b, ']');
    }
    buf_byte(b, ']');
}

static void put_texts(struct buf *b, const char *bytes, size_t len)
{
    buf_byte(b, '[');
    for (size_t at = 0; at < len; at += strlen(bytes + at) + 1) {
        if (at)
            buf_byte(b, ',');
        put_text(b, bytes + at);
    }
    buf_byte(b, ']');
}

static void put_pairs(struct buf *b, const struct event *e, struct span span)
{
    const char *name, *value;
    char before = '{';
    for (size_t at = 0; event_pair(e, span, &at, &name, &value);) {
        buf_byte(b, before);
        put_text(b, name);
        buf_byte(b, ':');
        put_text(b, value);
        before = ',';
    }
    if (before == '{')
        buf_byte(b, before);
    buf_byte(b, '}');
}

// "10.1.0.1/16"
static void put_network(struct buf *b, const char *key, const struct addr *a, uint8_t prefix)
{
    char text[ADDR_TEXT];
    struct addr plain = *a;
    plain.port = 0;
    put_key(b, key);
    buf_byte(b, '"');
    buf_text(b, addr_text(&plain, text));
    buf_byte(b, '/');
    put_u64(b, prefix);
    buf_byte(b, '"');
}

static void put_end(struct buf *b, const struct interface_end *end, const struct cast *cast)
{
    static const char hex[] = "0123456789abcdef";
    char mac[17];
    for (size_t i = 0; i < 6; i++) {
        mac[i * 3] = hex[end->mac[i] >> 4];
        mac[i * 3 + 1] = hex[end->mac[i] & 15];
        if (i < 5)
            mac[i * 3 + 2] = ':';
    }
    buf_text(b, "{\"host\":");
    put_text(b, cast_host(cast, end->host));
    put_key(b, "name");
    put_text(b, end->name);
    put_key(b, "mac");
    json_quote(b, mac, sizeof mac);
    if (end->address.family)
        put_network(b, "address", &end->address, end->prefix);
    if (end->address6.family)
        put_network(b, "address6", &end->address6, end->prefix6);
    buf_byte(b, '}');
}

static void put_ends(struct buf *b, const struct event *e, struct span span,
                     const struct cast *cast)
{
    const struct interface_end *ends = (const void *)event_bytes(e, span);
    buf_byte(b, '[');
    for (size_t i = 0; i < span.len / sizeof *ends; i++) {
        if (i)
            buf_byte(b, ',');
        put_end(b, &ends[i], cast);
    }
    buf_byte(b, ']');
}

static void put_watched(struct buf *b, const struct watched *w)
{
    char text[WATCH_TEXT];
    buf_text(b, "{\"fd\":");
    put_i64(b, w->fd);
    if (w->sock) {
        put_key(b, "sock");
        put_u64(b, w->sock);
    }
    if (w->conn) {
        put_key(b, "conn");
        put_u64(b, w->conn);
    }
    put_key(b, "for");
    put_text(b, flags_watch(w->what, text));
    buf_byte(b, '}');
}

static void put_many_watched(struct buf *b, const struct watched *watched, size_t count)
{
    buf_byte(b, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_byte(b, ',');
        put_watched(b, &watched[i]);
    }
    buf_byte(b, ']');
}

static void put_errno(struct buf *b, uint32_t error)
{
    const char *name = error ? strerrorname_np((int)error) : NULL;
    if (name)
        put_text(b, name);
    else
        put_u64(b, error);
}

static void put_span(struct buf *b, const struct event *e, const struct field *f,
                     const struct cast *cast)
{
    struct span span = *(const struct span *)field_at(e, f);
    const char *bytes = event_bytes(e, span);
    switch (f->kind) {
    case FIELD_PREVIEW:
        put_preview(b, bytes, span.len);
        break;
    case FIELD_BYTES:
        put_base64(b, (const unsigned char *)bytes, span.len);
        break;
    case FIELD_IDS:
    case FIELD_RANGES:
        put_numbers(b, (const void *)bytes, span.len / sizeof(uint64_t), f->kind == FIELD_RANGES);
        break;
    case FIELD_TEXTS:
        put_texts(b, bytes, span.len);
        break;
    case FIELD_PAIRS:
        put_pairs(b, e, span);
        break;
    case FIELD_ENDS:
        put_ends(b, e, span, cast);
        break;
    case FIELD_WATCHED:
        put_many_watched(b, (const void *)bytes, span.len / sizeof(struct watched));
        break;
    default:
        json_quote(b, bytes, span.len);
    }
}

static void put_value(struct buf *b, const struct event *e, const struct field *f,
                      const struct cast *cast)
{
    if (field_is_span(f->kind)) {
        put_span(b, e, f, cast);
        return;
    }
    char text[ADDR_TEXT > PROTOCOLS_TEXT ? ADDR_TEXT : PROTOCOLS_TEXT];
    const void *at = field_at(e, f);
    switch (f->kind) {
    case FIELD_U64:
        put_u64(b, *(const uint64_t *)at);
        return;
    case FIELD_I64:
        put_i64(b, *(const int64_t *)at);
        return;
    case FIELD_I32:
        put_i64(b, *(const int32_t *)at);
        return;
    case FIELD_U16:
        put_u64(b, *(const uint16_t *)at);
        return;
    case FIELD_ADDR:
        put_text(b, addr_text(at, text));
        return;
    default:
        break;
    }
    uint32_t n = *(const uint32_t *)at;
    switch (f->kind) {
    case FIELD_BOOL:
        buf_text(b, n ? "true" : "false");
        break;
    case FIELD_ENUM:
        put_text(b, f->names[n]);
        break;
    case FIELD_ERRNO:
        put_errno(b, n);
        break;
    case FIELD_HOST:
        put_text(b, cast_host(cast, n));
        break;
    case FIELD_WIRE:
        put_text(b, cast_wire(cast, n));
        break;
    case FIELD_ACTOR:
        put_text(b, cast_actor(cast, n));
        break;
    case FIELD_PROTOCOLS:
        put_text(b, flags_protocols(n, text));
        break;
    case FIELD_TCP_FLAGS:
        put_text(b, flags_text(n, text));
        break;
    default:
        put_u64(b, n);
    }
}

// The name that stands in the place of a field of the header, because this event introduces it;
// NULL: none does.
static const struct span *own_name(const struct event *e, enum field_kind kind)
{
    if (kind == FIELD_HOST && e->type == EVENT_HOST)
        return &e->as.host.name;
    if (kind == FIELD_ACTOR && e->type == EVENT_ACTOR)
        return &e->as.actor.name;
    return NULL;
}

void json_write(struct buf *line, const struct event *e, const struct cast *cast)
{
    const struct event_shape *shape = &event_shapes[e->type];
    buf_text(line, "{\"id\":");
    put_u64(line, e->id);
    put_key(line, "t");
    put_i64(line, e->t);
    put_key(line, "type");
    put_text(line, shape->name);
    for (const struct field *f = event_header_fields + 2; f->name; f++) {
        const struct span *name = own_name(e, f->kind);
        if (!name && !field_present(e, f))
            continue;
        put_key(line, f->name);
        if (name)
            json_quote(line, event_bytes(e, *name), name->len);
        else
            put_value(line, e, f, cast);
    }
    for (const struct field *f = shape->fields; f->name; f++) {
        bool in_header = f->kind == FIELD_NAME && e->type != EVENT_LINK;
        if (in_header || !field_present(e, f))
            continue;
        put_key(line, f->name);
        put_value(line, e, f, cast);
    }
    buf_byte(line, '}');
}
