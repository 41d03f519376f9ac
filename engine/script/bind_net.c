// Bindings of hosts and wires.
#include <string.h>

#include "event/addr.h"
#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"

#define HOSTS_MAX 4096

static struct stage *stage_before(lua_State *L, const char *what)
{
    struct stage *s = &bind_play(L)->stage;
    if (s->built)
        fault_misuse(L, "the network stands already: put %s above the first call that uses it",
                     what);
    return s;
}

// host(name)
static int sys_host(lua_State *L)
{
    struct stage *s = stage_before(L, "host()");
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    if (len == 0 || len > 63 || strlen(name) != len)
        return fault_misuse(L, "the name of a host has 1 to 63 bytes");
    for (uint32_t i = 0; i < s->host_count; i++)
        if (strcmp(s->hosts[i]->name, name) == 0)
            return fault_misuse(L, "there is already a host \"%s\"", name);
    if (s->host_count == HOSTS_MAX)
        return fault_misuse(L, "a scene has at most %d hosts", HOSTS_MAX);
    bind_push_host(L, stage_add_host(s, name));
    return 1;
}

static int host_want_address(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    const char *text = luaL_checkstring(L, 2);
    if (addr_parse(text, &h->wanted) != 0 || h->wanted.family != 4 || h->wanted.port)
        return fault_misuse(L, "\"%s\" is no IPv4 address", text);
    return 0;
}

static int host_want_setting(lua_State *L)
{
    host_want_sysctl(bind_check(L, 1, BIND_HOST), luaL_checkstring(L, 2), luaL_checkstring(L, 3));
    return 0;
}

// link(a, b, delay or nil, mtu or nil)
static int sys_link(lua_State *L)
{
    struct stage *s = stage_before(L, "link()");
    struct host *ends[2] = {bind_check_host(L, 1), bind_check_host(L, 2)};
    if (ends[0] == ends[1])
        return fault_misuse(L, "a link joins two hosts, not %s with itself", ends[0]->name);
    lua_pushfstring(L, "%s-%s", ends[0]->name, ends[1]->name);
    for (uint32_t i = 0; i < s->wire_count; i++)
        if (strcmp(s->wires[i]->name, lua_tostring(L, -1)) == 0)
            return fault_misuse(L, "%s and %s are linked already", ends[0]->name, ends[1]->name);
    int64_t delay_ns = lua_isnoneornil(L, 3) ? 0 : bind_time(L, 3);
    lua_Integer mtu = luaL_optinteger(L, 4, 0);
    if (!lua_isnoneornil(L, 4) &&
        (mtu < 68 || mtu > 65521)) // RFC 791's least; what a TAP device takes at most
        return fault_misuse(L, "an MTU is 68 to 65521 bytes, not %lld", (long long)mtu);
    struct wire *w = stage_add_wire(s, lua_tostring(L, -1), ends, 2, false);
    if (!lua_isnoneornil(L, 3))
        w->delay_ns = delay_ns;
    if (mtu)
        w->mtu = (uint32_t)mtu;
    bind_push(L, BIND_WIRE, w);
    return 1;
}

static int host_name(lua_State *L)
{
    lua_pushstring(L, ((struct host *)bind_check(L, 1, BIND_HOST))->name);
    return 1;
}

static int host_address(lua_State *L)
{
    char text[ADDR_TEXT];
    const struct host *h = bind_check(L, 1, BIND_HOST);
    bind_need_network(L);
    lua_pushstring(L, addr_text(&h->address, text));
    return 1;
}

// The address of `to` on the first wire that it shares with `from`; its own first one if they share
// none.
static const struct addr *address_seen_from(const struct host *from, const struct host *to)
{
    for (const struct port *mine = from->ports; mine; mine = mine->next)
        for (const struct port *its = to->ports; its; its = its->next)
            if (mine->wire == its->wire)
                return &its->end.address;
    return &to->address;
}

const char *bind_reach(lua_State *L, int arg, const struct host *from, struct addr *to)
{
    bind_need_network(L);
    if (lua_type(L, arg) == LUA_TSTRING && addr_parse(lua_tostring(L, arg), to) == 0) {
        if (from->stage->loopback && !stage_host_of(from->stage, to))
            fault_misuse(L, "without a wire only hosts of the scene can be reached, not %s",
                         lua_tostring(L, arg));
        return lua_tostring(L, arg);
    }
    const struct host *host = bind_check_host(L, arg);
    *to = *address_seen_from(from, host);
    return host->name;
}

// reach(from, to): the address by which `from` reaches `to`, and its name
static int sys_reach(lua_State *L)
{
    struct addr to;
    char text[ADDR_TEXT];
    const char *name = bind_reach(L, 2, bind_check(L, 1, BIND_HOST), &to);
    lua_pushstring(L, addr_text(&to, text));
    lua_pushstring(L, name);
    return 2;
}

// port(what, port): the port, if it is one
static int sys_port(lua_State *L)
{
    lua_pushinteger(L, bind_port(L, 2, luaL_checkstring(L, 1)));
    return 1;
}

static int wire_address(lua_State *L)
{
    const struct wire *w = bind_check(L, 1, BIND_WIRE);
    const struct host *h = bind_check_host(L, 2);
    char text[ADDR_TEXT];
    bind_need_network(L);
    for (size_t i = 0; i < w->port_count; i++)
        if (w->ports[i]->host == h) {
            lua_pushstring(L, addr_text(&w->ports[i]->end.address, text));
            return 1;
        }
    return fault_misuse(L, "%s is not at the wire %s", h->name, w->name);
}

static int host_tostring(lua_State *L)
{
    lua_pushfstring(L, "host %s", ((struct host *)bind_check(L, 1, BIND_HOST))->name);
    return 1;
}

static int wire_tostring(lua_State *L)
{
    lua_pushfstring(L, "wire %s", ((struct wire *)bind_check(L, 1, BIND_WIRE))->name);
    return 1;
}

static int wire_equal(lua_State *L)
{
    lua_pushboolean(L, bind_test(L, 1, BIND_WIRE) == bind_test(L, 2, BIND_WIRE));
    return 1;
}

void bind_net(lua_State *L)
{
    static const luaL_Reg sys[] = {{"host", sys_host},
                                   {"host_name", host_name},
                                   {"host_address", host_address},
                                   {"want_address", host_want_address},
                                   {"want_sysctl", host_want_setting},
                                   {"link", sys_link},
                                   {"reach", sys_reach},
                                   {"port", sys_port},
                                   {NULL, NULL}};
    static const luaL_Reg none[] = {{NULL, NULL}};
    static const luaL_Reg wire[] = {{"address", wire_address}, {NULL, NULL}};
    static const luaL_Reg host_meta[] = {{"__tostring", host_tostring}, {NULL, NULL}};
    static const luaL_Reg wire_meta[] = {
        {"__tostring", wire_tostring}, {"__eq", wire_equal}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    bind_new_type(L, BIND_HOST, none, host_meta);
    bind_new_type(L, BIND_WIRE, wire, wire_meta);
}
