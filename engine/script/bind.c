// Implementation of bind.h: handles, arguments and outcomes, for all the bindings.
#include "script/bind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "event/addr.h"
#include "script/fault.h"
#include "script/meaning.h"
#include "script/play.h"
#include "script/watchdog.h"

static const char play_key, hosts_key; // addresses of these are keys in the registry

static const struct {
    const char *name, *table, *article;
} types[BIND_TYPES] = {
    [BIND_HOST] = {"host", "Host", "a host"},
    [BIND_WIRE] = {"wire", "Wire", "a wire"},
    [BIND_DIRECTION] = {"direction", "Direction", "one direction of a wire"},
    [BIND_RULE] = {"rule", "Rule", "a rule"},
    [BIND_SOCKET] = {"socket", "Socket", "a connection or listener"},
    [BIND_ACTOR] = {"actor", "Actor", "an actor"},
    [BIND_EPOLL] = {"epoll", "Epoll", "an epoll"},
    [BIND_WATCH] = {"watch", "Watch", "a watch"},
    [BIND_PROGRAM] = {"program", "Program", "a program"},
};
static const void *metatables[BIND_TYPES]; // the registry keeps them; a stage process has one Lua

void bind_all(lua_State *L)
{
    bind_story(L);
    bind_checks(L);
    bind_net(L);
    bind_router(L);
    bind_kernel(L);
    bind_conn(L);
    bind_transfer(L);
    bind_option(L);
    bind_poll(L);
    bind_epoll(L);
    bind_serve(L);
    bind_actors(L);
    bind_packets(L);
    bind_program(L);
    bind_outside(L);
    bind_wire(L);
    bind_inject(L);
}

const void *bind_play_key(void)
{
    return &play_key;
}

struct play *bind_play(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &play_key);
    struct play *p = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return p;
}

void bind_new_type(lua_State *L, enum bind_type type, const luaL_Reg *methods, const luaL_Reg *meta)
{
    luaL_newmetatable(L, types[type].name);
    metatables[type] = lua_topointer(L, -1);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -4, types[type].table); // the prelude adds to it
    lua_setfield(L, -2, "__index");         // until the prelude puts a function there
    luaL_setfuncs(L, meta, 0);
    lua_pushfstring(L, "%s_meta", types[type].name); // sys.host_meta
    lua_pushvalue(L, -2);
    lua_settable(L, -4);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void bind_push(lua_State *L, enum bind_type type, void *thing)
{
    *(void **)lua_newuserdatauv(L, sizeof thing, 0) = thing;
    luaL_setmetatable(L, types[type].name);
}

void *bind_test(lua_State *L, int arg, enum bind_type type)
{
    void **handle = lua_touserdata(L, arg);
    if (!handle || !lua_getmetatable(L, arg))
        return NULL;
    bool same = lua_topointer(L, -1) == metatables[type];
    lua_pop(L, 1);
    return same ? *handle : NULL;
}

void *bind_check(lua_State *L, int arg, enum bind_type type)
{
    void *thing = bind_test(L, arg, type);
    if (!thing)
        fault_misuse(L, "%s expected, got %s", types[type].article, luaL_typename(L, arg));
    return thing;
}

void bind_check_may_call(lua_State *L)
{
    if (bind_play(L)->stage.deciding)
        fault_misuse(L, "a function that decides about a packet can make no socket calls: the "
                        "packet is just entering the wire");
}

struct sock *bind_check_open(lua_State *L, int arg)
{
    struct sock *s = bind_check(L, arg, BIND_SOCKET);
    bind_check_may_call(L);
    if (s->fd < 0)
        fault_misuse(L, "this %s was closed before",
                     s->conn                                  ? "connection"
                     : s->kind == SOCKET_TCP && s->local.port ? "listener"
                                                              : "socket");
    return s;
}

int64_t bind_time(lua_State *L, int arg)
{
    struct err err;
    int64_t ns = 0;
    if (lua_type(L, arg) == LUA_TNUMBER) {
        double s = lua_tonumber(L, arg);
        if (!(s >= 0 && s < 3e8))
            fault_misuse(L, "a time is 0 or more seconds, not %s", luaL_tolstring(L, arg, NULL));
        return (int64_t)(s * 1e9 + 0.5);
    }
    if (lua_type(L, arg) != LUA_TSTRING)
        fault_misuse(L, "a time is seconds or \"200ms\", not %s", luaL_typename(L, arg));
    if (units_time(lua_tostring(L, arg), &ns, &err) != 0)
        fault_misuse(L, "%s", err.text);
    return ns;
}

int64_t bind_now(lua_State *L)
{
    return timers_scene_now(&bind_play(L)->stage.timers);
}

int64_t bind_opt_deadline(lua_State *L, int arg)
{
    return lua_isnoneornil(L, arg) ? WAIT_FOREVER : bind_now(L) + bind_time(L, arg);
}

int64_t bind_size(lua_State *L, int arg, int64_t most)
{
    struct err err;
    int64_t bytes = -1;
    if (lua_isinteger(L, arg)) {
        bytes = lua_tointeger(L, arg);
    } else if (lua_type(L, arg) == LUA_TNUMBER) {
        bytes = (int64_t)lua_tonumber(L, arg);
    } else if (lua_type(L, arg) != LUA_TSTRING) {
        fault_misuse(L, "a size is bytes or \"64KiB\", not %s", luaL_typename(L, arg));
    } else if (units_size(lua_tostring(L, arg), &bytes, &err) != 0) {
        fault_misuse(L, "%s", err.text);
    }
    if (bytes < 0 || bytes > most)
        fault_misuse(L, "a size of 0 to %lld bytes is wanted here", (long long)most);
    return bytes;
}

uint16_t bind_port(lua_State *L, int arg, const char *what)
{
    lua_Integer port = lua_isinteger(L, arg) ? lua_tointeger(L, arg) : -1;
    const char *quote = lua_type(L, arg) == LUA_TSTRING ? "\"" : "";
    if (port < 0 || port > 65535)
        fault_misuse(L, "%s: a port is a whole number from 0 to 65535, not %s%s%s", what, quote,
                     luaL_tolstring(L, arg, NULL), quote);
    return (uint16_t)port;
}

void bind_push_host(lua_State *L, const struct host *h)
{
    if (!h) {
        lua_pushnil(L);
        return;
    }
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &hosts_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &hosts_key);
    }
    if (lua_rawgeti(L, -1, h->number) == LUA_TNIL) {
        lua_pop(L, 1);
        bind_push(L, BIND_HOST, (void *)h);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, h->number);
    }
    lua_remove(L, -2);
}

static int unknown_host(lua_State *L, const struct stage *s, const char *name)
{
    struct buf text = {0};
    for (uint32_t i = 0; i < s->host_count; i++)
        buf_printf(&text, "%s%s", i ? ", " : "", s->hosts[i]->name);
    lua_pushstring(L, text.len ? buf_string(&text) : "none yet");
    buf_fini(&text);
    return fault_misuse(L, "there is no host \"%s\"; the hosts are: %s", name, lua_tostring(L, -1));
}

struct host *bind_check_host(lua_State *L, int arg)
{
    struct host *h = bind_test(L, arg, BIND_HOST);
    if (h)
        return h;
    if (lua_type(L, arg) != LUA_TSTRING)
        fault_misuse(L, "a host expected (object, name or address), got %s", luaL_typename(L, arg));
    const struct stage *s = &bind_play(L)->stage;
    const char *name = lua_tostring(L, arg);
    struct addr address;
    for (uint32_t i = 0; i < s->host_count; i++)
        if (strcmp(s->hosts[i]->name, name) == 0)
            return s->hosts[i];
    if (addr_parse(name, &address) == 0 && (h = stage_host_of(s, &address)))
        return h;
    unknown_host(L, s, name);
    return NULL;
}

struct stage *bind_stage_with_wire(lua_State *L, const char *what)
{
    struct stage *s = &bind_play(L)->stage;
    if (s->loopback)
        fault_misuse(L,
                     "%s needs the wire, which this machine refuses; wirescene doctor says what "
                     "helps",
                     what);
    return s;
}

void bind_need_network(lua_State *L)
{
    struct play *p = bind_play(L);
    struct err err;
    watchdog_pause(); // a thousand hosts take seconds
    int failed = stage_build(&p->stage, &err);
    watchdog_go_on(L);
    if (!failed)
        return;
    p->machine_failed = !p->stage.wrong;
    luaL_error(L, "%s", err.text);
}

// It is no answer that a host could get: the scene wants more than this machine gives.
static void fail_exhausted(lua_State *L)
{
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    bind_play(L)->machine_failed = true;
    luaL_error(
        L,
        "no descriptor is left: this machine gives a process %d of them (RLIMIT_NOFILE), and "
        "both ends of every connection are in one; open fewer connections, or raise the "
        "limit (wirescene doctor says how)",
        (int)limit.rlim_cur);
}

int bind_refused(lua_State *L, const struct err *err)
{
    bind_play(L)->machine_failed = true;
    return luaL_error(L, "%s", err->text);
}

const char *bind_code(lua_State *L, int error)
{
    if (error == EMFILE && bind_play(L)->stage.exhausted)
        fail_exhausted(L);
    const char *code = strerrorname_np(error);
    return code ? code : "EUNKNOWN";
}

int bind_fail(lua_State *L, enum call call, int error, const char *code, const char *about)
{
    if (!code)
        code = bind_code(L, error);
    return bind_fail_saying(L, code, about, meaning_of(SOCKET_NONE, call, error, code));
}

int bind_fail_saying(lua_State *L, const char *code, const char *about, const char *sentence)
{
    struct task *t = task_of(L);
    if (t) {
        t->failure.line = task_here(L)->line;
        if (!t->failure.sentence)
            t->failure.sentence = mem_new(FAILURE_MAX);
        snprintf(t->failure.sentence, FAILURE_MAX, "%s said %s, %s", about, code, sentence);
    }
    lua_pushnil(L);
    lua_pushstring(L, code);
    lua_pushfstring(L, "%s: %s", about, sentence);
    return 3;
}
