// Filters of packets() and of the rules of wires: from a table of the scene to what packet/filter.h
// compares.
#include <string.h>

#include "event/fields.h"
#include "event/flags.h"
#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"

static uint32_t name_index(lua_State *L, const char *const *names, const char *field)
{
    const char *word = lua_tostring(L, -1);
    for (uint32_t i = 0; names[i]; i++)
        if (word && strcmp(names[i], word) == 0 && strcmp(word, "none") != 0)
            return i;
    struct buf text = {0};
    for (uint32_t i = 0; names[i]; i++)
        if (strcmp(names[i], "none") != 0)
            buf_printf(&text, "%s\"%s\"", text.len ? ", " : "", names[i]);
    lua_pushstring(L, buf_string(&text));
    buf_fini(&text);
    return (uint32_t)fault_misuse(L, "%s is one of %s", field, lua_tostring(L, -1));
}

static uint64_t whole(lua_State *L, const char *field)
{
    int ok;
    lua_Integer n = lua_tointegerx(L, -1, &ok);
    if (!ok || n < 0)
        fault_misuse(L, "%s is a whole number, not %s", field, luaL_typename(L, -1));
    return (uint64_t)n;
}

static uint32_t flags(lua_State *L)
{
    uint32_t set = 0;
    const char *text = lua_tostring(L, -1);
    if (!text || flags_parse(text, &set) != 0)
        fault_misuse(L, "flags are letters such as \"S\", \"SA\", \"F\", \"R\", not %s",
                     text ? text : luaL_typename(L, -1));
    return filter_plain_flags(set);
}

static uint32_t host_number(lua_State *L)
{
    return bind_check_host(L, lua_gettop(L))->number;
}

static uint32_t conn_number(lua_State *L)
{
    const struct sock *s = bind_check(L, lua_gettop(L), BIND_SOCKET);
    if (!s->conn)
        fault_misuse(L, "conn: this socket has no connection");
    return s->conn->number;
}

static int64_t since(lua_State *L)
{
    if (lua_type(L, -1) != LUA_TNUMBER)
        fault_misuse(L, "since is a time as now() gives it, not %s", luaL_typename(L, -1));
    return (int64_t)(lua_tonumber(L, -1) * 1e9);
}

// `data`: whether there is any, or exactly these bytes.
static void set_data(lua_State *L, struct filter *f)
{
    if (lua_isboolean(L, -1)) {
        f->has_data = lua_toboolean(L, -1);
        return;
    }
    if (lua_type(L, -1) != LUA_TSTRING)
        fault_misuse(L, "data is true, false, or the bytes themselves, not %s",
                     luaL_typename(L, -1));
    f->data = lua_tolstring(L, -1, &f->data_len);
    f->asked = (f->asked & ~ASK_HAS_DATA) | ASK_DATA;
}

static uint32_t protocol(lua_State *L)
{
    uint32_t bit = 0;
    const char *word = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, -1);
    if (flags_protocols_parse(word, &bit) != 0 || bit & (bit - 1) || !bit || bit == PROTOCOL_ETH)
        fault_misuse(L,
                     "protocol is \"tcp\", \"udp\", \"icmp\", \"icmpv6\", \"ip\", \"ipv6\" or "
                     "\"arp\", not %s",
                     word);
    return bit;
}

// `fragment`: whether it is one, or where it begins.
static void set_fragment(lua_State *L, struct filter *f)
{
    if (!lua_isboolean(L, -1)) {
        f->fragment = (int32_t)whole(L, "fragment");
        return;
    }
    f->is_fragment = lua_toboolean(L, -1);
    f->asked = (f->asked & ~ASK_FRAGMENT) | ASK_IS_FRAGMENT;
}

enum filter_kind {
    AS_NUMBER,
    AS_ID,
    AS_HOST,
    AS_NAME,
    AS_FLAGS,
    AS_CONN,
    AS_WIRE,
    AS_SINCE,
    AS_DATA,
    AS_PROTOCOL,
    AS_FRAGMENT
};

// Known only of packets that have entered a wire: nothing a rule could go by.
#define ASK_LATER (ASK_ID | ASK_ON | ASK_FATE | ASK_SINCE)

static const struct {
    const char *name;
    uint32_t bit;
    enum filter_kind kind;
    size_t offset;
    const char *const *names;
} filter_fields[] = {
#define FIELD(name, bit, kind, member)                                                             \
    {                                                                                              \
#name, bit, kind, offsetof(struct filter, member), NULL                                    \
    }
    FIELD(id, ASK_ID, AS_ID, id),
    FIELD(on, ASK_ON, AS_WIRE, on),
    FIELD(from, ASK_FROM, AS_HOST, from),
    FIELD(to, ASK_TO, AS_HOST, to),
    FIELD(from_port, ASK_FROM_PORT, AS_NUMBER, from_port),
    FIELD(to_port, ASK_TO_PORT, AS_NUMBER, to_port),
    FIELD(port, ASK_PORT, AS_NUMBER, port),
    FIELD(flags, ASK_FLAGS, AS_FLAGS, flags),
    FIELD(len, ASK_LEN, AS_NUMBER, len),
    FIELD(min_len, ASK_MIN_LEN, AS_NUMBER, min_len),
    FIELD(data, ASK_HAS_DATA, AS_DATA, has_data),
    FIELD(seq, ASK_SEQ, AS_NUMBER, seq),
    FIELD(ack, ASK_ACK, AS_NUMBER, ack),
    FIELD(window, ASK_WINDOW, AS_NUMBER, window),
    FIELD(mss, ASK_MSS, AS_NUMBER, mss),
    FIELD(ttl, ASK_TTL, AS_NUMBER, ttl),
    FIELD(protocol, ASK_PROTOCOL, AS_PROTOCOL, protocol),
    {"icmp", ASK_ICMP, AS_NAME, offsetof(struct filter, icmp), names_of_icmp},
    FIELD(fragment, ASK_FRAGMENT, AS_FRAGMENT, fragment),
    {"note", ASK_NOTE, AS_NAME, offsetof(struct filter, note), names_of_note},
    FIELD(of, ASK_OF, AS_ID, of),
    {"fate", ASK_FATE, AS_NAME, offsetof(struct filter, fate), names_of_fate},
    FIELD(call, ASK_CALL, AS_ID, call),
    FIELD(conn, ASK_CONN, AS_CONN, conn),
    FIELD(since, ASK_SINCE, AS_SINCE, since_ns),
#undef FIELD
};

#define FILTER_FIELDS (sizeof filter_fields / sizeof *filter_fields)

// One field of the filter; its value is on top.
static void set_field(lua_State *L, struct filter *f, size_t i)
{
    void *at = (char *)f + filter_fields[i].offset;
    const char *name = filter_fields[i].name;
    f->asked |= filter_fields[i].bit;
    switch (filter_fields[i].kind) {
    case AS_NUMBER:
        *(uint32_t *)at = (uint32_t)whole(L, name);
        break;
    case AS_ID:
        *(uint64_t *)at = whole(L, name);
        break;
    case AS_HOST:
        *(uint32_t *)at = host_number(L);
        break;
    case AS_NAME:
        *(uint32_t *)at = name_index(L, filter_fields[i].names, name);
        break;
    case AS_FLAGS:
        *(uint32_t *)at = flags(L);
        break;
    case AS_CONN:
        *(uint32_t *)at = conn_number(L);
        break;
    case AS_WIRE:
        *(uint32_t *)at = ((struct wire *)bind_check(L, lua_gettop(L), BIND_WIRE))->number;
        break;
    case AS_SINCE:
        *(int64_t *)at = since(L);
        break;
    case AS_DATA:
        set_data(L, f);
        break;
    case AS_PROTOCOL:
        *(uint32_t *)at = protocol(L);
        break;
    case AS_FRAGMENT:
        set_fragment(L, f);
        break;
    }
}

// Whether a filter for that use has the field.
static bool is_for(enum filter_use use, uint32_t bit)
{
    return use == FILTER_OF_PACKETS || !(bit & ASK_LATER);
}

static bool is_extra(enum filter_use use, const char *name)
{
    return use != FILTER_OF_PACKETS && (strcmp(name, "nth") == 0 || strcmp(name, "count") == 0 ||
                                        (use == FILTER_OF_DELAY && strcmp(name, "by") == 0));
}

static int unknown_field(lua_State *L, enum filter_use use, const char *name)
{
    struct buf text = {0};
    for (size_t i = 0; i < FILTER_FIELDS; i++)
        if (is_for(use, filter_fields[i].bit))
            buf_printf(&text, "%s%s", text.len ? ", " : "", filter_fields[i].name);
    if (use != FILTER_OF_PACKETS)
        buf_printf(&text, ", nth, count%s", use == FILTER_OF_DELAY ? ", by" : "");
    lua_pushstring(L, buf_string(&text));
    buf_fini(&text);
    return fault_misuse(L, "unknown field \"%s\" in a filter; there are %s", name,
                        lua_tostring(L, -1));
}

// One pair of the table, its value on top. Functions are for the caller to ask.
static void read_pair(lua_State *L, enum filter_use use, struct filter *f)
{
    if (lua_type(L, -2) != LUA_TSTRING)
        fault_misuse(L, "a filter names its fields, as in { from = server }; %s is no name",
                     luaL_typename(L, -2));
    const char *name = lua_tostring(L, -2);
    bool is_function = lua_isfunction(L, -1);
    if (is_extra(use, name) || (is_function && strcmp(name, "time") == 0))
        return;
    size_t i = 0;
    while (i < FILTER_FIELDS && strcmp(filter_fields[i].name, name) != 0)
        i++;
    if (i == FILTER_FIELDS || !is_for(use, filter_fields[i].bit))
        unknown_field(L, use, name);
    else if (!is_function)
        set_field(L, f, i);
}

void bind_filter(lua_State *L, int arg, enum filter_use use, struct filter *f)
{
    *f = (struct filter){0};
    if (lua_isnoneornil(L, arg))
        return;
    if (!lua_istable(L, arg))
        fault_misuse(L, "a filter is a table such as { from = server, data = true }, not %s",
                     luaL_typename(L, arg));
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1))
        read_pair(L, use, f);
}

// The value on top in a few words; it was read before.
static void put_words(lua_State *L, struct buf *text, size_t i)
{
    const char *name = filter_fields[i].name;
    if (lua_isfunction(L, -1))
        buf_printf(text, "%s (function)", name);
    else if (filter_fields[i].kind == AS_HOST)
        buf_printf(text, "%s %s", name, bind_check_host(L, lua_gettop(L))->name);
    else if (filter_fields[i].kind == AS_CONN)
        buf_printf(text, "%s %u", name, conn_number(L));
    else if (lua_isboolean(L, -1))
        buf_printf(text, "%s%s", lua_toboolean(L, -1) ? "" : "no ", name);
    else if (filter_fields[i].kind == AS_DATA)
        buf_printf(text, "%s \"%.24s\"", name, lua_tostring(L, -1));
    else
        buf_printf(text, "%s %s", name, lua_tostring(L, -1));
}

void bind_filter_words(lua_State *L, int arg, struct buf *text)
{
    for (size_t i = 0; lua_istable(L, arg) && i < FILTER_FIELDS; i++) {
        if (lua_getfield(L, arg, filter_fields[i].name) != LUA_TNIL) {
            buf_text(text, text->len ? ", " : "");
            put_words(L, text, i);
        }
        lua_pop(L, 1);
    }
}
