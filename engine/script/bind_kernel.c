// Bindings of the kernel's own view of a host: its sockets, counters and settings.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "event/addr.h"
#include "event/fields.h"
#include "kernel/diag.h"
#include "kernel/sysctl.h"
#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"

static void put_integer(lua_State *L, const char *name, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static void put_address(lua_State *L, const char *address, const char *port, struct addr a)
{
    char text[ADDR_TEXT];
    put_integer(L, port, a.port);
    a.port = 0;
    lua_pushstring(L, addr_text(&a, text));
    lua_setfield(L, -2, address);
}

static void push_ends(lua_State *L, const struct addr *local, const struct addr *peer)
{
    lua_createtable(L, 0, 10); // with what a row has besides
    put_address(L, "address", "port", *local);
    put_address(L, "peer", "peer_port", *peer);
}

static void push_row(lua_State *L, const struct diag_row *row)
{
    const struct diag_socket *s = &row->socket;
    push_ends(L, &row->local, &row->peer);
    lua_pushstring(L, names_of_state[s->state]);
    lua_setfield(L, -2, "state");
    put_integer(L, "recv_q", s->recv_q);
    put_integer(L, "send_q", s->send_q);
    lua_pushstring(L, names_of_timer[s->timer]);
    lua_setfield(L, -2, "timer");
    put_integer(L, "retransmits", s->retransmits);
    lua_pushnumber(L, (double)s->expires_ns / 1e9);
    lua_setfield(L, -2, "expires");
}

// sockets(host): all TCP sockets of the host as a list of rows
static int sys_sockets(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    struct diag_row *rows = NULL;
    bind_need_network(L);
    ssize_t count = host_sockets(h, &rows);
    if (count < 0) {
        free(rows);
        return fault_misuse(L, "the kernel does not list the sockets of %s: %s", h->name,
                            strerror(errno));
    }
    lua_createtable(L, (int)count, 0);
    for (ssize_t i = 0; i < count; i++) {
        push_row(L, &rows[i]);
        lua_rawseti(L, -2, i + 1);
    }
    free(rows);
    return 1;
}

// States that there are none of are left out.
static void push_states(lua_State *L, const uint32_t states[STATE_COUNT])
{
    lua_newtable(L);
    for (int i = 1; i < STATE_COUNT; i++)
        if (states[i])
            put_integer(L, names_of_state[i], states[i]);
}

// count(host): how many sockets, by state
static int sys_count(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    uint32_t states[STATE_COUNT];
    bind_need_network(L);
    if (host_count(h, states) != 0)
        return fault_misuse(L, "the kernel does not list the sockets of %s: %s", h->name,
                            strerror(errno));
    push_states(L, states);
    return 1;
}

// watch(host, every)
static int sys_watch(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    int64_t every_ns = bind_time(L, 2);
    if (every_ns < CLOCK_MS)
        return fault_misuse(L, "watch: every is 1 ms or more");
    bind_need_network(L);
    bind_push(L, BIND_WATCH, watch_new(h, every_ns, task_here(L)));
    return 1;
}

static int watch_end(lua_State *L)
{
    watch_stop(bind_check(L, 1, BIND_WATCH));
    return 0;
}

// watch_most(watch): the largest number of each state
static int sys_watch_most(lua_State *L)
{
    push_states(L, ((const struct watch *)bind_check(L, 1, BIND_WATCH))->most);
    return 1;
}

// watch_samples(watch): a list of how many sockets, by state, and when
static int sys_watch_samples(lua_State *L)
{
    const struct watch *w = bind_check(L, 1, BIND_WATCH);
    lua_createtable(L, (int)w->count, 0);
    for (size_t i = 0; i < w->count; i++) {
        push_states(L, w->samples[i].states);
        lua_pushnumber(L, (double)w->samples[i].t_ns / 1e9);
        lua_setfield(L, -2, "time");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int watch_tostring(lua_State *L)
{
    const struct watch *w = bind_check(L, 1, BIND_WATCH);
    lua_pushfstring(L, "watch of %s", w->host->name);
    return 1;
}

// ends_of(socket): the addresses of both ends of its connection, as rows have them
static int sys_ends_of(lua_State *L)
{
    const struct sock *s = bind_check(L, 1, BIND_SOCKET);
    lua_newtable(L);
    for (int side = 0; s->conn && side < 2; side++) {
        push_ends(L, &s->conn->end[side].address, &s->conn->end[side].peer);
        lua_rawseti(L, -2, side + 1);
    }
    return 1;
}

static int sys_is_state(lua_State *L)
{
    bool found = false;
    for (int i = 1; names_of_state[i] && lua_type(L, 1) == LUA_TSTRING; i++)
        found = found || strcmp(names_of_state[i], lua_tostring(L, 1)) == 0;
    lua_pushboolean(L, found);
    return 1;
}

static void put_counter(void *arg, const char *name, int64_t value)
{
    put_integer(arg, name, value);
}

static int sys_counters(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    bind_need_network(L);
    if (h->stage->loopback)
        return fault_misuse(
            L,
            "counters() needs a host of its own, which this machine refuses; wirescene doctor says "
            "what helps");
    lua_newtable(L);
    if (host_enter(h, NULL) != 0 || counters_each(put_counter, L) != 0)
        return fault_misuse(L, "the kernel does not tell the counters of %s: %s", h->name,
                            strerror(errno));
    return 1;
}

// sysctl(host, full name, value or nil) → the value it has then; nil, code, sentence
static int sys_sysctl(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    const char *name = luaL_checkstring(L, 2), *value = luaL_optstring(L, 3, NULL);
    char now[256];
    bind_need_network(L);
    if (h->stage->loopback)
        return fault_misuse(L, "sysctl() needs a host of its own, which this machine refuses");
    if (host_enter(h, NULL) != 0 || (value && sysctl_set(name, value) != 0) ||
        sysctl_get(name, now, sizeof now) != 0)
        return bind_fail(L, CALL_NONE, errno, NULL, name);
    lua_pushstring(L, now);
    return 1;
}

// observe(closely, nothing): all connections, from now on
static int sys_observe(lua_State *L)
{
    struct observe *o = &bind_play(L)->stage.observe;
    o->closely = (unsigned)luaL_checkinteger(L, 1);
    o->nothing = lua_toboolean(L, 2);
    return 0;
}

// observe_conn(socket, closely)
static int sys_observe_conn(lua_State *L)
{
    const struct sock *s = bind_check_open(L, 1);
    if (!s->conn)
        return fault_misuse(L, "observe: there is a TCP connection to observe once connect or "
                               "accept has made one");
    observe_closely(&s->conn->end[s->side], (unsigned)luaL_checkinteger(L, 2));
    return 0;
}

void bind_kernel(lua_State *L)
{
    static const luaL_Reg sys[] = {{"sockets", sys_sockets},
                                   {"count", sys_count},
                                   {"ends_of", sys_ends_of},
                                   {"is_state", sys_is_state},
                                   {"counters", sys_counters},
                                   {"sysctl", sys_sysctl},
                                   {"observe", sys_observe},
                                   {"observe_conn", sys_observe_conn},
                                   {"watch", sys_watch},
                                   {"watch_most", sys_watch_most},
                                   {"watch_samples", sys_watch_samples},
                                   {NULL, NULL}};
    static const luaL_Reg methods[] = {{"stop", watch_end}, {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__close", watch_end}, {"__tostring", watch_tostring}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    bind_new_type(L, BIND_WATCH, methods, meta);
}
