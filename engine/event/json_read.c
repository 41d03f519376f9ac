// Implementation of json_read, on jansson.
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "event/addr.h"
#include "event/fields.h"
#include "event/flags.h"
#include "event/json.h"
#include "event/preview.h"

struct reader {
    struct event *e;
    size_t room;
    const struct cast *cast;
    const char *type;
    struct err *err;
    struct buf scratch; // a span's bytes, until they are put
};

static int fail(const struct reader *r, const char *key, const char *what)
{
    return err_set(r->err, "%s event: \"%s\" %s", r->type, key, what);
}

static int read_whole(const json_t *value, int64_t least, int64_t most, int64_t *n)
{
    if (!json_is_integer(value))
        return -1;
    *n = json_integer_value(value);
    return *n < least || *n > most ? -1 : 0;
}

// The number of a name; 0 for "", which stands for something that was never introduced.
static int read_reference(enum field_kind kind, const char *name, const struct cast *cast,
                          uint32_t *number)
{
    *number = kind == FIELD_HOST   ? cast_find_host(cast, name)
              : kind == FIELD_WIRE ? cast_find_wire(cast, name)
                                   : cast_find_actor(cast, name);
    return *number || !*name ? 0 : -1;
}

static int read_enum(const char *name, const char *const *names, uint32_t *value)
{
    for (*value = 0; names[*value]; ++*value)
        if (strcmp(names[*value], name) == 0)
            return 0;
    return -1;
}

static int read_errno(const json_t *value, uint32_t *error)
{
    int64_t n;
    if (read_whole(value, 0, UINT32_MAX, &n) == 0) {
        *error = (uint32_t)n;
        return 0;
    }
    const char *name = json_string_value(value);
    for (int i = 1; name && i < 4096; i++) {
        const char *known = strerrorname_np(i);
        if (known && strcmp(known, name) == 0) {
            *error = (uint32_t)i;
            return 0;
        }
    }
    return -1;
}

// What is one word in JSON and a number in the record.
static int read_word(const struct reader *r, const struct field *f, const json_t *value,
                     uint32_t *to)
{
    if (f->kind == FIELD_ERRNO)
        return read_errno(value, to);
    const char *word = json_string_value(value);
    if (!word || strlen(word) != json_string_length(value))
        return -1;
    switch (f->kind) {
    case FIELD_ENUM:
        return read_enum(word, f->names, to);
    case FIELD_PROTOCOLS:
        return flags_protocols_parse(word, to);
    case FIELD_TCP_FLAGS:
        return flags_parse(word, to);
    default:
        return read_reference(f->kind, word, r->cast, to);
    }
}

static int read_scalar(const struct reader *r, const struct field *f, const json_t *value)
{
    void *to = (char *)r->e + f->offset;
    int64_t n;
    switch (f->kind) {
    case FIELD_U64:
        if (read_whole(value, 0, EVENT_NUMBER_MAX, &n) != 0)
            return -1;
        *(uint64_t *)to = (uint64_t)n;
        return 0;
    case FIELD_I64:
        return read_whole(value, INT64_MIN, INT64_MAX, to);
    case FIELD_I32:
        if (read_whole(value, INT32_MIN, INT32_MAX, &n) != 0)
            return -1;
        *(int32_t *)to = (int32_t)n;
        return 0;
    case FIELD_U16:
        if (read_whole(value, 0, UINT16_MAX, &n) != 0)
            return -1;
        *(uint16_t *)to = (uint16_t)n;
        return 0;
    case FIELD_U32:
        if (read_whole(value, 0, UINT32_MAX, &n) != 0)
            return -1;
        *(uint32_t *)to = (uint32_t)n;
        return 0;
    case FIELD_BOOL:
        *(uint32_t *)to = json_is_true(value);
        return json_is_boolean(value) ? 0 : -1;
    case FIELD_ADDR:
        return json_is_string(value) ? addr_parse(json_string_value(value), to) : -1;
    default:
        return read_word(r, f, value, to);
    }
}

static int base64_digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

// RFC 4648, 4; with its padding, and nothing else in between.
static int read_base64(struct buf *bytes, const char *text, size_t len)
{
    if (len % 4)
        return -1;
    size_t padding = len && text[len - 1] == '=' ? 1 + (text[len - 2] == '=') : 0;
    uint32_t four = 0;
    for (size_t i = 0; i < len; i++) {
        int digit = i < len - padding ? base64_digit(text[i]) : 0;
        if (digit < 0)
            return -1;
        four = four << 6 | (uint32_t)digit;
        if (i % 4 < 3)
            continue;
        char three[] = {(char)(four >> 16), (char)(four >> 8), (char)four};
        buf_put(bytes, three, i + 1 == len ? 3 - padding : 3);
        four = 0;
    }
    return 0;
}

static int read_numbers(struct buf *bytes, const json_t *list, bool in_twos)
{
    if (!json_is_array(list))
        return -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (in_twos) {
            if (json_array_size(item) != 2 || read_numbers(bytes, item, false) != 0)
                return -1;
            continue;
        }
        int64_t n;
        if (read_whole(item, 0, EVENT_NUMBER_MAX, &n) != 0)
            return -1;
        buf_put(bytes, &n, sizeof n);
    }
    return 0;
}

static int read_texts(struct buf *bytes, json_t *array)
{
    if (!json_is_array(array))
        return -1;
    size_t i;
    json_t *value;
    json_array_foreach(array, i, value) {
        const char *text = json_string_value(value);
        if (!text || strlen(text) != json_string_length(value))
            return -1;
        buf_put(bytes, text, strlen(text) + 1);
    }
    return 0;
}

static int read_pairs(struct buf *bytes, json_t *object)
{
    if (!json_is_object(object))
        return -1;
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        const char *text = json_string_value(value);
        if (!text || strlen(text) != json_string_length(value))
            return -1;
        buf_put(bytes, name, strlen(name) + 1);
        buf_put(bytes, text, strlen(text) + 1);
    }
    return 0;
}

static int read_mac(const char *text, uint8_t mac[6])
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(text) != 17)
        return -1;
    for (size_t i = 0; i < 17; i++) {
        const char *digit = strchr(digits, text[i]);
        if (i % 3 == 2 ? text[i] != ':' : !digit)
            return -1;
        if (i % 3 < 2)
            mac[i / 3] = (uint8_t)(mac[i / 3] << 4 | (digit - digits));
    }
    return 0;
}

// "10.1.0.1/16"
static int read_network(const char *text, struct addr *network, uint8_t *bits)
{
    char address[ADDR_TEXT];
    const char *slash = strchr(text, '/');
    if (!slash || (size_t)(slash - text) >= sizeof address)
        return -1;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    size_t digits = strspn(slash + 1, "0123456789");
    if (digits == 0 || digits > 3 || slash[1 + digits] || addr_parse(address, network) != 0)
        return -1;
    long prefix = strtol(slash + 1, NULL, 10);
    if (prefix > (network->family == 4 ? 32 : 128))
        return -1;
    *bits = (uint8_t)prefix;
    return 0;
}

static int read_end(const struct reader *r, const json_t *object, struct interface_end *end)
{
    const char *host = json_string_value(json_object_get(object, "host"));
    const char *name = json_string_value(json_object_get(object, "name"));
    const char *mac = json_string_value(json_object_get(object, "mac"));
    const json_t *address = json_object_get(object, "address");
    const json_t *address6 = json_object_get(object, "address6");
    *end = (struct interface_end){0};
    if (!host || !name || !mac || strlen(name) >= sizeof end->name ||
        read_reference(FIELD_HOST, host, r->cast, &end->host) != 0 || read_mac(mac, end->mac) != 0)
        return -1;
    memcpy(end->name, name, strlen(name));
    if (address && (!json_is_string(address) ||
                    read_network(json_string_value(address), &end->address, &end->prefix) != 0))
        return -1;
    if (address6 && (!json_is_string(address6) ||
                     read_network(json_string_value(address6), &end->address6, &end->prefix6) != 0))
        return -1;
    return 0;
}

static int read_ends(struct reader *r, const json_t *list)
{
    if (!json_is_array(list))
        return -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct interface_end end;
        if (read_end(r, json_array_get(list, i), &end) != 0)
            return -1;
        buf_put(&r->scratch, &end, sizeof end);
    }
    return 0;
}

static int read_watched(const json_t *object, struct watched *watched)
{
    const json_t *sock = json_object_get(object, "sock"), *conn = json_object_get(object, "conn");
    const char *what = json_string_value(json_object_get(object, "for"));
    int64_t fd, s = 0, c = 0;
    if (read_whole(json_object_get(object, "fd"), INT32_MIN, INT32_MAX, &fd) != 0 ||
        (sock && read_whole(sock, 0, UINT32_MAX, &s) != 0) ||
        (conn && read_whole(conn, 0, UINT32_MAX, &c) != 0))
        return -1;
    *watched = (struct watched){.fd = (int32_t)fd, .sock = (uint32_t)s, .conn = (uint32_t)c};
    return what ? flags_watch_parse(what, &watched->what) : -1;
}

static int read_many_watched(struct buf *bytes, const json_t *list)
{
    if (!json_is_array(list))
        return -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct watched watched;
        if (read_watched(json_array_get(list, i), &watched) != 0)
            return -1;
        buf_put(bytes, &watched, sizeof watched);
    }
    return 0;
}

// The bytes of the span into the scratch.
static int read_bytes(struct reader *r, const struct field *f, json_t *value)
{
    buf_reset(&r->scratch);
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    switch (f->kind) {
    case FIELD_IDS:
    case FIELD_RANGES:
        return read_numbers(&r->scratch, value, f->kind == FIELD_RANGES);
    case FIELD_TEXTS:
        return read_texts(&r->scratch, value);
    case FIELD_PAIRS:
        return read_pairs(&r->scratch, value);
    case FIELD_ENDS:
        return read_ends(r, value);
    case FIELD_WATCHED:
        return read_many_watched(&r->scratch, value);
    default:
        break;
    }
    if (!text)
        return -1;
    if (f->kind == FIELD_PREVIEW)
        return preview_parse(&r->scratch, text, len);
    if (f->kind == FIELD_BYTES)
        return read_base64(&r->scratch, text, len);
    if (f->kind == FIELD_NAME && (len == 0 || memchr(text, '\0', len)))
        return -1;
    buf_put(&r->scratch, text, len);
    return 0;
}

static int read_field(struct reader *r, const struct field *f, const json_t *object)
{
    json_t *value = json_object_get(object, f->name);
    if (!value) {
        bool needed = !(f->when & (FIELD_NOT_ZERO | FIELD_NOT_NONE)) && field_present(r->e, f);
        return needed ? fail(r, f->name, "is missing") : 0;
    }
    if (!field_is_span(f->kind))
        return read_scalar(r, f, value) == 0 ? 0 : fail(r, f->name, "has a wrong value");
    if (read_bytes(r, f, value) != 0)
        return fail(r, f->name, "has a wrong value");
    struct span *span = (struct span *)((char *)r->e + f->offset);
    event_put(r->e, r->room, span, r->scratch.ptr, r->scratch.len);
    return span->len == r->scratch.len ? 0 : fail(r, f->name, "is too long");
}

static bool is_own_name(const struct event *e, enum field_kind kind)
{
    return (kind == FIELD_HOST && e->type == EVENT_HOST) ||
           (kind == FIELD_ACTOR && e->type == EVENT_ACTOR);
}

// Gives what the event introduces its number: the next, or the one it had.
static void number(struct reader *r)
{
    struct event *e = r->e;
    const struct cast *cast = r->cast;
    const struct field *f = event_shapes[e->type].fields;
    while (f->name && f->kind != FIELD_NAME)
        f++;
    if (!f->name)
        return;
    struct span span = *(const struct span *)field_at(e, f);
    buf_reset(&r->scratch);
    buf_put(&r->scratch, event_bytes(e, span), span.len);
    const char *name = buf_string(&r->scratch);
    uint32_t known;
    if (e->type == EVENT_HOST) {
        known = cast_find_host(cast, name);
        e->host = known ? known : (uint32_t)cast->host_count + 1;
    } else if (e->type == EVENT_LINK) {
        known = e->as.link.again ? cast_find_wire(cast, name) : 0;
        e->as.link.wire = known ? known : (uint32_t)cast->wire_count + 1;
    } else if (e->type == EVENT_ACTOR) {
        known = e->as.actor.ended ? cast_find_actor(cast, name) : 0;
        e->actor = known ? known : (uint32_t)cast->actor_count + 1;
    }
}

static int read_event(struct reader *r, const json_t *object)
{
    for (const struct field *f = event_header_fields; f->name; f++)
        if (!is_own_name(r->e, f->kind) && read_field(r, f, object) != 0)
            return -1;
    for (const struct field *f = event_shapes[r->e->type].fields; f->name; f++)
        if (read_field(r, f, object) != 0)
            return -1;
    number(r);
    return event_check(r->e, r->e->len, r->err);
}

static enum event_type type_of(const char *name)
{
    for (int type = EVENT_PADDING + 1; type < EVENT_TYPES; type++)
        if (strcmp(event_shapes[type].name, name) == 0)
            return (enum event_type)type;
    return EVENT_PADDING;
}

int json_read(const char *line, size_t len, void *at, size_t room, struct cast *cast,
              struct err *err)
{
    json_error_t why;
    json_t *object = json_loadb(line, len, JSON_ALLOW_NUL, &why);
    if (!object)
        return err_set(err, "the line is no JSON: %s (column %d)", why.text, why.column);
    const char *name = json_string_value(json_object_get(object, "type"));
    struct reader r = {.cast = cast, .room = room, .type = name, .err = err};
    int status = -1;
    if (!name) {
        err_set(err, "the line has no \"type\"");
        goto out;
    }
    r.e = event_init(at, room, type_of(name));
    if (!r.e) {
        err_set(err, "%s event: no room", name);
        goto out;
    }
    status = r.e->type == EVENT_PADDING ? 0 : read_event(&r, object);
    if (status == 0)
        cast_learn(cast, r.e);
out:
    buf_fini(&r.scratch);
    json_decref(object);
    return status;
}
