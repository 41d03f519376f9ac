// Bindings of packets(): filters to and packets from the table of the stage.
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
    return packets_plain_flags(set);
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

enum filter_kind {
    AS_NUMBER,
    AS_ID,
    AS_HOST,
    AS_NAME,
    AS_FLAGS,
    AS_CONN,
    AS_WIRE,
    AS_SINCE,
    AS_DATA
};

static const struct {
    const char *name;
    uint32_t bit;
    enum filter_kind kind;
    size_t offset;
    const char *const *names;
} filter_fields[] = {
#define FIELD(name, bit, kind, member)                                                             \
    {                                                                                              \
#name, bit, kind, offsetof(struct packet_filter, member), NULL                             \
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
    {"note", ASK_NOTE, AS_NAME, offsetof(struct packet_filter, note), names_of_note},
    FIELD(of, ASK_OF, AS_ID, of),
    {"fate", ASK_FATE, AS_NAME, offsetof(struct packet_filter, fate), names_of_fate},
    FIELD(call, ASK_CALL, AS_ID, call),
    FIELD(conn, ASK_CONN, AS_CONN, conn),
    FIELD(since, ASK_SINCE, AS_SINCE, since_ns),
#undef FIELD
};

#define FILTER_FIELDS (sizeof filter_fields / sizeof *filter_fields)

// One field of the filter; its value is on top.
static void set_field(lua_State *L, struct packet_filter *f, size_t i)
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
        *(bool *)at = lua_toboolean(L, -1);
        break;
    }
}

static struct packet_filter filter_of(lua_State *L, int arg)
{
    struct packet_filter f = {0};
    if (lua_isnoneornil(L, arg))
        return f;
    if (!lua_istable(L, arg))
        fault_misuse(L, "a filter is a table such as { from = server, data = true }, not %s",
                     luaL_typename(L, arg));
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            fault_misuse(L, "a filter names its fields, as in { from = server }; %s is no name",
                         luaL_typename(L, -2));
        const char *name = lua_tostring(L, -2);
        size_t i = 0;
        while (i < FILTER_FIELDS && strcmp(filter_fields[i].name, name) != 0)
            i++;
        if (i == FILTER_FIELDS) {
            struct buf text = {0};
            for (size_t k = 0; k < FILTER_FIELDS; k++)
                buf_printf(&text, "%s%s", k ? ", " : "", filter_fields[k].name);
            lua_pushstring(L, buf_string(&text));
            buf_fini(&text);
            fault_misuse(L, "unknown field \"%s\" in a filter; there are %s", name,
                         lua_tostring(L, -1));
        }
        set_field(L, &f, i);
    }
    return f;
}

static void put_integer(lua_State *L, const char *name, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

static void push_wire(lua_State *L, struct stage *s, uint32_t number)
{
    bind_push(L, BIND_WIRE, s->wires[number - 1]);
}

static void put_tcp(lua_State *L, const struct packet_row *r)
{
    char text[FLAGS_TEXT];
    lua_pushstring(L, flags_text(r->flags, text));
    lua_setfield(L, -2, "flags");
    put_integer(L, "seq", r->seq);
    put_integer(L, "ack", r->ack);
    put_integer(L, "window", r->window);
    if (r->mss)
        put_integer(L, "mss", r->mss);
}

static void push_packet(lua_State *L, struct stage *s, const struct packet_row *r)
{
    lua_createtable(L, 0, 20);
    put_integer(L, "id", r->id);
    lua_pushnumber(L, (double)r->t_ns / 1e9);
    lua_setfield(L, -2, "time");
    push_wire(L, s, r->on);
    lua_setfield(L, -2, "on");
    bind_push_host(L, r->from ? s->hosts[r->from - 1] : NULL);
    lua_setfield(L, -2, "from");
    bind_push_host(L, r->to ? s->hosts[r->to - 1] : NULL);
    lua_setfield(L, -2, "to");
    put_integer(L, "from_port", r->from_port);
    put_integer(L, "to_port", r->to_port);
    put_integer(L, "len", r->len);
    put_integer(L, "ttl", r->ttl);
    if (r->protocols & PROTOCOL_TCP)
        put_tcp(L, r);
    if (r->note) {
        lua_pushstring(L, names_of_note[r->note]);
        lua_setfield(L, -2, "note");
    }
    if (r->of)
        put_integer(L, "of", r->of);
    if (r->call)
        put_integer(L, "call", r->call);
    lua_pushstring(L, names_of_fate[r->fate]);
    lua_setfield(L, -2, "fate");
    if (r->data_off != PACKETS_NO_DATA) {
        lua_pushlstring(L, s->packets.data + r->data_off, r->len);
        lua_setfield(L, -2, "data");
    }
}

static struct stage *stage_with_wire(lua_State *L)
{
    struct stage *s = &bind_play(L)->stage;
    if (s->loopback)
        fault_misuse(L, "packets() needs the wire, which this machine refuses; wirescene doctor "
                        "says what helps");
    return s;
}

static int sys_packets(lua_State *L)
{
    struct stage *s = stage_with_wire(L);
    struct packet_filter f = filter_of(L, 1);
    lua_newtable(L);
    lua_Integer hits = 0;
    for (uint32_t i = 0; i < s->packets.count; i++)
        if (packets_match(&s->packets.rows[i], &f)) {
            push_packet(L, s, &s->packets.rows[i]);
            lua_rawseti(L, -2, ++hits);
        }
    return 1;
}

static int sys_count_packets(lua_State *L)
{
    struct stage *s = stage_with_wire(L);
    struct packet_filter f = filter_of(L, 1);
    lua_Integer hits = 0;
    for (uint32_t i = 0; i < s->packets.count; i++)
        hits += packets_match(&s->packets.rows[i], &f);
    lua_pushinteger(L, hits);
    return 1;
}

void bind_packets(lua_State *L)
{
    static const luaL_Reg sys[] = {
        {"packets", sys_packets}, {"count_packets", sys_count_packets}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
}
