// Bindings of wires: rules, cuts, settings.
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "event/fields.h"
#include "packet/direction_options.h"
#include "script/bind.h"
#include "script/decide.h"
#include "script/fault.h"
#include "script/play.h"
#include "stage/flap.h"

#define NTH_MAX 64
#define FLAP_MIN_NS CLOCK_MS

struct bind_way bind_check_way(lua_State *L, const char *what)
{
    bind_stage_with_wire(L, what);
    struct port *from = bind_test(L, 1, BIND_DIRECTION);
    if (from)
        return (struct bind_way){from->wire, from};
    struct wire *w = bind_check(L, 1, BIND_WIRE);
    if (w->lo)
        fault_misuse(L,
                     "%s: the packets of %s can only be looked at; the kernel carries them itself",
                     what, w->name);
    return (struct bind_way){w, NULL};
}

static int wire_from(lua_State *L)
{
    const struct wire *w = bind_check_way(L, "from()").wire;
    bind_push(L, BIND_DIRECTION, bind_wire_port(L, w, bind_check_host(L, 2)));
    return 1;
}

// What a filter of a rule says besides: which of those that match, how many, by how much.
struct wanted {
    struct filter filter;
    uint64_t nth[NTH_MAX];
    size_t nth_count;
    uint64_t count;
    int64_t by_ns;
};

// The number on top.
static uint64_t ordinal(lua_State *L, const char *what)
{
    int ok;
    lua_Integer n = lua_tointegerx(L, -1, &ok);
    if (!ok || n < 1)
        fault_misuse(L, "%s is a whole number from 1 on, not %s", what,
                     ok ? lua_tostring(L, -1) : luaL_typename(L, -1));
    return (uint64_t)n;
}

static void add_nth(lua_State *L, struct wanted *wanted)
{
    uint64_t n = ordinal(L, "nth");
    for (size_t i = 0; i < wanted->nth_count; i++)
        if (wanted->nth[i] == n)
            return;
    if (wanted->nth_count == NTH_MAX)
        fault_misuse(L, "nth names at most %d packets", NTH_MAX);
    wanted->nth[wanted->nth_count++] = n;
}

static void read_nth(lua_State *L, struct wanted *wanted)
{
    if (!lua_istable(L, -1)) {
        add_nth(L, wanted);
        return;
    }
    lua_Integer len = luaL_len(L, -1);
    if (len == 0)
        fault_misuse(L, "nth = {} names no packet; { 3, 5 } means the third and the fifth");
    for (lua_Integer i = 1; i <= len; i++) {
        lua_geti(L, -1, i);
        add_nth(L, wanted);
        lua_pop(L, 1);
    }
}

static void read_wanted(lua_State *L, int arg, enum rule_action action, struct wanted *wanted)
{
    bool delays = action == RULE_DELAY;
    *wanted = (struct wanted){0};
    bind_filter(L, arg, delays ? FILTER_OF_DELAY : FILTER_OF_RULE, &wanted->filter);
    bool has_table = lua_istable(L, arg);
    if (delays && (!has_table || lua_getfield(L, arg, "by") == LUA_TNIL))
        fault_misuse(L, "delay: by how much? wire:delay { by = \"200ms\", from = server }");
    if (delays)
        wanted->by_ns = bind_time(L, lua_gettop(L));
    if (has_table && lua_getfield(L, arg, "nth") != LUA_TNIL)
        read_nth(L, wanted);
    if (has_table && lua_getfield(L, arg, "count") != LUA_TNIL)
        wanted->count = ordinal(L, "count");
}

// The filter in the scene's own words, and what stands besides.
static void put_words(lua_State *L, int arg, const struct wanted *wanted, struct buf *text)
{
    bind_filter_words(L, arg, text);
    for (size_t i = 0; i < wanted->nth_count; i++)
        buf_printf(text, "%s%llu",
                   i           ? " "
                   : text->len ? ", nth "
                               : "nth ",
                   (unsigned long long)wanted->nth[i]);
    if (wanted->count)
        buf_printf(text, "%scount %llu", text->len ? ", " : "", (unsigned long long)wanted->count);
}

static struct wire_rule *make_rule(lua_State *L, struct bind_way way, enum rule_action action,
                                   const struct wanted *wanted)
{
    struct buf text = {0};
    put_words(L, 3, wanted, &text);
    struct wire_rule *r = wire_rule_new(way.wire, way.from, action, buf_string(&text));
    buf_fini(&text);
    r->rule.filter = wanted->filter;
    if (wanted->filter.data)
        r->rule.filter.data = r->data = mem_text(wanted->filter.data, wanted->filter.data_len);
    r->rule.count = wanted->count;
    r->rule.by_ns = wanted->by_ns;
    r->rule.nth_count = wanted->nth_count;
    if (wanted->nth_count) {
        r->rule.nth = mem_new(wanted->nth_count * sizeof *r->rule.nth);
        memcpy(r->rule.nth, wanted->nth, wanted->nth_count * sizeof *r->rule.nth);
    }
    return r;
}

// rule(wire or direction, action, filter or nil, decider or nil)
static int sys_rule(lua_State *L)
{
    enum rule_action action = (enum rule_action)luaL_checkoption(L, 2, NULL, names_of_action);
    struct bind_way way = bind_check_way(L, "a rule");
    struct wanted wanted;
    lua_settop(L, 4);
    read_wanted(L, 3, action, &wanted);
    struct wire_rule *r = make_rule(L, way, action, &wanted);
    if (lua_isfunction(L, 4)) {
        lua_pushvalue(L, 4);
        decide_attach(L, r);
    }
    wire_rule_start(r, task_here(L));
    bind_push(L, BIND_RULE, r);
    return 1;
}

static int rule_remove(lua_State *L)
{
    wire_rule_end(bind_check(L, 1, BIND_RULE), task_here(L));
    return 0;
}

static int sys_rule_hits(lua_State *L)
{
    const struct wire_rule *r = bind_check(L, 1, BIND_RULE);
    lua_pushinteger(L, (lua_Integer)r->rule.hits);
    return 1;
}

static int rule_tostring(lua_State *L)
{
    const struct wire_rule *r = bind_check(L, 1, BIND_RULE);
    lua_pushfstring(L, "rule %s %s", names_of_action[r->rule.action], r->text);
    return 1;
}

static int sys_cut(lua_State *L)
{
    struct bind_way way = bind_check_way(L, "cut()");
    wire_cut(way.wire, way.from, task_here(L));
    return 0;
}

// flap(wire or direction, up, down, words)
static int sys_flap(lua_State *L)
{
    struct bind_way way = bind_check_way(L, "flap()");
    int64_t up_ns = bind_time(L, 2), down_ns = bind_time(L, 3);
    const char *text = luaL_checkstring(L, 4);
    if (up_ns < FLAP_MIN_NS || down_ns < FLAP_MIN_NS)
        return fault_misuse(L, "flap: up and down take 1 ms or more each");
    struct wire_rule *r = wire_rule_new(way.wire, way.from, RULE_FLAP, text);
    flap_attach(r, up_ns, down_ns);
    wire_rule_start(r, task_here(L));
    bind_push(L, BIND_RULE, r);
    return 1;
}

static int sys_mend(lua_State *L)
{
    struct bind_way way = bind_check_way(L, "mend()");
    wire_mend(way.wire, way.from, task_here(L));
    return 0;
}

void bind_settings(lua_State *L, int arg, struct direction_settings *settings)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
        struct err err;
        const char *name = lua_tostring(L, -2);
        if (direction_option_set(settings, name, lua_tostring(L, -1), &err) < 0)
            fault_misuse(L, "%s: %s", name, err.text);
    }
}

static uint32_t check_mtu(lua_State *L, int arg, lua_Integer most)
{
    int ok;
    lua_Integer mtu = lua_tointegerx(L, arg, &ok);
    if (!ok || mtu < 68 || mtu > most) // RFC 791's least
        fault_misuse(L, "an MTU is 68 to %lld bytes, not %s", (long long)most,
                     ok ? lua_tostring(L, arg) : luaL_typename(L, arg));
    return (uint32_t)mtu;
}

uint32_t bind_mtu(lua_State *L, int arg)
{
    return check_mtu(L, arg, 65521); // what a TAP device takes at most
}

static void set_mtu(lua_State *L, struct bind_way way)
{
    struct err err;
    if (way.from)
        fault_misuse(L, "mtu belongs to the whole wire, not to one direction; path_mtu is what a "
                        "direction lets through");
    if (wire_set_mtu(way.wire, bind_mtu(L, 3), &err) != 0)
        luaL_error(L, "%s", err.text);
}

// The kernel's own wire: its MTU is all that can be set.
static int set_lo(lua_State *L, struct wire *lo)
{
    struct err err;
    lua_pushnil(L);
    if (lua_next(L, 2))
        fault_misuse(
            L, "%s has no %s: the kernel carries its packets itself, and only its mtu can be set",
            lo->name, lua_tostring(L, -2));
    if (!lua_isnoneornil(L, 3) && wire_set_mtu(lo, check_mtu(L, 3, 65536), &err) != 0)
        return bind_refused(L, &err);
    wire_changed(lo, NULL, task_here(L));
    return 0;
}

// set(wire or direction, settings, mtu or nil)
static int sys_set(lua_State *L)
{
    struct wire *lo = bind_test(L, 1, BIND_WIRE);
    if (lo && lo->lo)
        return set_lo(L, lo);
    struct bind_way way = bind_check_way(L, "set()");
    struct direction_settings checked = {0};
    bind_settings(L, 2, &checked);
    if (!lua_isnoneornil(L, 3))
        set_mtu(L, way);
    for (size_t i = 0; i < way.wire->port_count; i++) {
        struct direction *d = &way.wire->ports[i]->direction;
        struct direction_settings settings = d->settings;
        if (way.from && way.wire->ports[i] != way.from)
            continue;
        bind_settings(L, 2, &settings);
        direction_set(d, &settings);
    }
    wire_changed(way.wire, way.from, task_here(L));
    return 0;
}

static int direction_tostring(lua_State *L)
{
    const struct port *from = bind_check(L, 1, BIND_DIRECTION);
    lua_pushfstring(L, "wire %s from %s", from->wire->name, from->host->name);
    return 1;
}

void bind_wire(lua_State *L)
{
    static const luaL_Reg sys[] = {{"rule", sys_rule},       {"rule_hits", sys_rule_hits},
                                   {"wire_from", wire_from}, {"cut", sys_cut},
                                   {"flap", sys_flap},       {"mend", sys_mend},
                                   {"set", sys_set},         {NULL, NULL}};
    static const luaL_Reg none[] = {{NULL, NULL}};
    static const luaL_Reg rule[] = {{"remove", rule_remove}, {NULL, NULL}};
    static const luaL_Reg direction_meta[] = {{"__tostring", direction_tostring}, {NULL, NULL}};
    static const luaL_Reg rule_meta[] = {{"__tostring", rule_tostring}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    bind_new_type(L, BIND_DIRECTION, none, direction_meta);
    bind_new_type(L, BIND_RULE, rule, rule_meta);
}
