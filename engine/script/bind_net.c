// Bindings of hosts and wires.
#include <string.h>

#include "event/addr.h"
#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"
#include "stage/lo.h"
#include "stage/route.h"

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

#define DESCRIPTORS_MAX (1 << 20) // as the kernel's fs.nr_open has it

static int host_want_descriptors(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    lua_Integer limit = lua_isinteger(L, 2) ? lua_tointeger(L, 2) : 0;
    if (limit < 3 || limit > DESCRIPTORS_MAX)
        return fault_misuse(L,
                            "host: descriptors is a whole number from 3 on (0, 1 and 2 are taken), "
                            "not %s",
                            luaL_tolstring(L, 2, NULL));
    h->descriptor_limit = (uint32_t)limit;
    return 0;
}

static int host_want_arp(lua_State *L)
{
    ((struct host *)bind_check(L, 1, BIND_HOST))->arp = lua_toboolean(L, 2);
    return 0;
}

static int host_want_ipv6(lua_State *L)
{
    ((struct host *)bind_check(L, 1, BIND_HOST))->ipv6 = lua_toboolean(L, 2);
    return 0;
}

static int host_forward(lua_State *L)
{
    ((struct host *)bind_check(L, 1, BIND_HOST))->router = true;
    return 0;
}

// A wire with the settings that stand at `arg`, and the MTU (or nil) behind them; its name is on
// top.
static int add_wire(lua_State *L, struct stage *s, struct host *const *hosts, size_t count,
                    bool shared, int arg)
{
    if (s->network_count + 1 == WIRES_MAX) // one network is for hosts without a link
        return fault_misuse(L, "a scene has at most %d links and switches", WIRES_MAX - 1);
    struct direction_settings checked = {0};
    bind_settings(L, arg, &checked);
    uint32_t mtu = lua_isnoneornil(L, arg + 1) ? 0 : bind_mtu(L, arg + 1);
    struct wire *w = stage_add_wire(s, lua_tostring(L, -1), hosts, count, shared);
    for (size_t i = 0; i < count; i++) {
        struct direction_settings settings = w->ports[i]->direction.settings;
        bind_settings(L, arg, &settings);
        direction_set(&w->ports[i]->direction, &settings);
    }
    if (mtu)
        w->mtu = mtu;
    bind_push(L, BIND_WIRE, w);
    return 1;
}

static bool is_wire(const struct stage *s, const char *name)
{
    for (uint32_t i = 0; i < s->wire_count; i++)
        if (strcmp(s->wires[i]->name, name) == 0)
            return true;
    return false;
}

// link(a, b, settings, mtu or nil)
static int sys_link(lua_State *L)
{
    struct stage *s = stage_before(L, "link()");
    struct host *ends[2] = {bind_check_host(L, 1), bind_check_host(L, 2)};
    if (ends[0] == ends[1])
        return fault_misuse(L, "a link joins two hosts, not %s with itself", ends[0]->name);
    lua_pushfstring(L, "%s-%s", ends[0]->name, ends[1]->name);
    if (is_wire(s, lua_tostring(L, -1)))
        return fault_misuse(L, "%s and %s are linked already", ends[0]->name, ends[1]->name);
    return add_wire(L, s, ends, 2, false, 3);
}

// What stands at the switch: a list of hosts, each once.
static struct host **check_members(lua_State *L, int arg, size_t count, const char *name)
{
    struct host **hosts = lua_newuserdatauv(L, count * sizeof(struct host *), 0);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, arg, (lua_Integer)i + 1);
        if (bind_test(L, -1, BIND_WIRE))
            fault_misuse(L,
                         "switch \"%s\": only hosts stand at a switch; to join two, put a "
                         "router at both",
                         name);
        hosts[i] = bind_check_host(L, lua_gettop(L));
        lua_pop(L, 1);
        for (size_t j = 0; j < i; j++)
            if (hosts[j] == hosts[i])
                fault_misuse(L, "switch \"%s\": %s is there twice, which would make a loop", name,
                             hosts[i]->name);
    }
    return hosts;
}

// switch(name, hosts, settings, mtu or nil)
static int sys_switch(lua_State *L)
{
    struct stage *s = stage_before(L, "switch()");
    size_t len, count = lua_rawlen(L, 2);
    const char *name = luaL_checklstring(L, 1, &len);
    if (len == 0 || len > 63 || strlen(name) != len)
        return fault_misuse(L, "the name of a switch has 1 to 63 bytes");
    if (is_wire(s, name))
        return fault_misuse(L, "there is already a wire \"%s\"", name);
    if (count == 0)
        return fault_misuse(L, "switch \"%s\" has no hosts: switch(\"lan\", { a, b })", name);
    struct host **hosts = check_members(L, 2, count, name);
    lua_pushvalue(L, 1);
    return add_wire(L, s, hosts, count, true, 3);
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
    *to = route_nearest(from, host)->end.address;
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

struct port *bind_wire_port(lua_State *L, const struct wire *w, const struct host *h)
{
    struct port *port = wire_port_of(w, h);
    if (!port)
        fault_misuse(L, "%s is not at the wire %s", h->name, w->name);
    return port;
}

// port(what, port): the port, if it is one
static int sys_port(lua_State *L)
{
    lua_pushinteger(L, bind_port(L, 2, luaL_checkstring(L, 1)));
    return 1;
}

// name_of(address): the name of the host that has it, or the address itself
static int sys_name_of(lua_State *L)
{
    struct addr address;
    const char *text = luaL_checkstring(L, 1);
    const struct host *h =
        addr_parse(text, &address) == 0 ? stage_host_of(&bind_play(L)->stage, &address) : NULL;
    lua_pushstring(L, h ? h->name : text);
    return 1;
}

static int push_address6(lua_State *L, const struct host *h, const struct addr *a)
{
    char text[ADDR_TEXT];
    if (!h->ipv6)
        return fault_misuse(L, "%s has no IPv6; make it with host(\"%s\", { ipv6 = true })",
                            h->name, h->name);
    lua_pushstring(L, addr_text(a, text));
    return 1;
}

static int host_address6(lua_State *L)
{
    const struct host *h = bind_check(L, 1, BIND_HOST);
    bind_need_network(L);
    return push_address6(L, h, &h->address6);
}

static int wire_address6(lua_State *L)
{
    const struct wire *w = bind_check(L, 1, BIND_WIRE);
    const struct host *h = bind_check_host(L, 2);
    bind_need_network(L);
    return push_address6(L, h, &bind_wire_port(L, w, h)->end.address6);
}

static int wire_address(lua_State *L)
{
    const struct wire *w = bind_check(L, 1, BIND_WIRE);
    const struct host *h = bind_check_host(L, 2);
    char text[ADDR_TEXT];
    bind_need_network(L);
    lua_pushstring(L, addr_text(&bind_wire_port(L, w, h)->end.address, text));
    return 1;
}

// The first wire that the host is at; for one without a link the default switch.
static int host_wire(lua_State *L)
{
    const struct host *h = bind_check(L, 1, BIND_HOST);
    if (!h->ports)
        bind_need_network(L);
    bind_push(L, BIND_WIRE, h->ports->wire);
    return 1;
}

static int host_lo(lua_State *L)
{
    struct err err;
    bool wrong;
    struct host *h = bind_check(L, 1, BIND_HOST);
    bind_stage_with_wire(L, "the loopback of a host");
    struct wire *w = lo_wire(h, &wrong, &err);
    if (!w && wrong)
        return fault_misuse(L, "%s", err.text);
    if (!w)
        return bind_refused(L, &err);
    bind_push(L, BIND_WIRE, w);
    return 1;
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

static int sys_is_host(lua_State *L)
{
    lua_pushboolean(L, bind_test(L, 1, BIND_HOST) != NULL);
    return 1;
}

void bind_net(lua_State *L)
{
    static const luaL_Reg sys[] = {{"host", sys_host},
                                   {"host_name", host_name},
                                   {"host_address", host_address},
                                   {"host_address6", host_address6},
                                   {"host_wire", host_wire},
                                   {"want_address", host_want_address},
                                   {"want_sysctl", host_want_setting},
                                   {"want_descriptors", host_want_descriptors},
                                   {"forward", host_forward},
                                   {"want_arp", host_want_arp},
                                   {"want_ipv6", host_want_ipv6},
                                   {"link", sys_link},
                                   {"host_lo", host_lo},
                                   {"switch", sys_switch},
                                   {"reach", sys_reach},
                                   {"port", sys_port},
                                   {"name_of", sys_name_of},
                                   {"is_host", sys_is_host},
                                   {NULL, NULL}};
    static const luaL_Reg none[] = {{NULL, NULL}};
    static const luaL_Reg wire[] = {
        {"address", wire_address}, {"address6", wire_address6}, {NULL, NULL}};
    static const luaL_Reg host_meta[] = {{"__tostring", host_tostring}, {NULL, NULL}};
    static const luaL_Reg wire_meta[] = {
        {"__tostring", wire_tostring}, {"__eq", wire_equal}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    bind_new_type(L, BIND_HOST, none, host_meta);
    bind_new_type(L, BIND_WIRE, wire, wire_meta);
}
