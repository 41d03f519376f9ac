// Bindings of packets(): packets from the table of the stage.
#include <string.h>

#include "event/fields.h"
#include "event/flags.h"
#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"

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

static void put_protocol(lua_State *L, const struct packet_row *r)
{
    char text[PROTOCOLS_TEXT];
    uint32_t innermost = r->protocol ? r->protocol : r->protocols & (PROTOCOL_IP | PROTOCOL_IPV6);
    lua_pushstring(L, flags_protocols(innermost, text));
    lua_setfield(L, -2, "protocol");
    if (r->icmp) {
        lua_pushstring(L, names_of_icmp[r->icmp]);
        lua_setfield(L, -2, "icmp");
    }
    if (r->fragment != EVENT_NONE)
        put_integer(L, "fragment", (uint64_t)r->fragment);
}

void bind_push_packet(lua_State *L, struct stage *s, const struct packet_row *r,
                      const char *payload)
{
    lua_createtable(L, 0, 22);
    put_integer(L, "id", r->id);
    lua_pushnumber(L, (double)r->t_ns / 1e9);
    lua_setfield(L, -2, "time");
    push_wire(L, s, r->on);
    lua_setfield(L, -2, "on");
    bind_push_host(L, r->from ? s->hosts[r->from - 1] : NULL);
    lua_setfield(L, -2, "from");
    bind_push_host(L, r->to ? s->hosts[r->to - 1] : NULL);
    lua_setfield(L, -2, "to");
    put_protocol(L, r);
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
    if (payload && r->len) {
        lua_pushlstring(L, payload, r->len);
        lua_setfield(L, -2, "data");
    }
}

// Whether the packet with that row is asked for; its payload. What went over a loopback is only by
// `on`.
static bool matches(const struct stage *s, uint32_t i, const struct filter *f, const char **payload)
{
    const struct packet_row *row = &s->packets.rows[i];
    if (s->wires[row->on - 1]->lo && !(f->asked & ASK_ON))
        return false;
    *payload = packets_payload(&s->packets, row);
    return filter_match(f, row, *payload);
}

static int sys_packets(lua_State *L)
{
    struct stage *s = bind_stage_with_wire(L, "packets()");
    struct filter f;
    const char *payload;
    bind_filter(L, 1, FILTER_OF_PACKETS, &f);
    lua_newtable(L);
    lua_Integer hits = 0;
    for (uint32_t i = 0; i < s->packets.count; i++)
        if (matches(s, i, &f, &payload)) {
            bind_push_packet(L, s, &s->packets.rows[i], payload);
            lua_rawseti(L, -2, ++hits);
        }
    return 1;
}

static int sys_count_packets(lua_State *L)
{
    struct stage *s = bind_stage_with_wire(L, "packets()");
    struct filter f;
    const char *payload;
    bind_filter(L, 1, FILTER_OF_PACKETS, &f);
    lua_Integer hits = 0;
    for (uint32_t i = 0; i < s->packets.count; i++)
        hits += matches(s, i, &f, &payload);
    lua_pushinteger(L, hits);
    return 1;
}

void bind_packets(lua_State *L)
{
    static const luaL_Reg sys[] = {
        {"packets", sys_packets}, {"count_packets", sys_count_packets}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
}
