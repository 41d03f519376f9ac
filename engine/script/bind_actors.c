// Bindings of actors and time.
#include <stdio.h>

#include "base/clock.h"
#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"

// spawn(name, host or nil, "spawned" | "handler", fn, args…)
static int sys_spawn(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    struct host *h = lua_isnil(L, 2) ? NULL : bind_check(L, 2, BIND_HOST);
    enum actor_role role = *luaL_checkstring(L, 3) == 'h' ? ROLE_HANDLER : ROLE_SPAWNED;
    luaL_checktype(L, 4, LUA_TFUNCTION);
    struct task *t = task_new(&bind_play(L)->tasks, L, lua_gettop(L) - 4, name, role, h);
    t->handle = true;
    bind_push(L, BIND_ACTOR, t);
    return 1;
}

// next_handler(host): name for the actor that serves the next connection
static int sys_next_handler(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    lua_pushfstring(L, "%s/%d", h->name, (int)++h->handlers);
    return 1;
}

static int join_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    const struct task *t = bind_check(L, 1, BIND_ACTOR);
    if (ctx && t->ended == ENDED_NOT)
        return bind_fail(L, CALL_NONE, 0, "timeout", "join");
    lua_rawgeti(L, LUA_REGISTRYINDEX, t->result_ref);
    return 1;
}

// actor:join(limit) → what its function returned first, nil if it failed or was stopped
static int actor_join(lua_State *L)
{
    struct task *t = bind_check(L, 1, BIND_ACTOR);
    int64_t deadline = bind_opt_deadline(L, 2);
    if (t == task_of(L))
        return fault_misuse(L, "an actor cannot wait for its own end");
    if (t->ended != ENDED_NOT)
        return join_k(L, LUA_OK, 0);
    return task_wait_source(L, &t->end, "join", deadline, 1, join_k);
}

static int actor_stop(lua_State *L)
{
    struct task *t = bind_check(L, 1, BIND_ACTOR);
    if (t == task_of(L))
        return fault_misuse(L, "an actor ends itself by return, not by stop()");
    task_stop(t);
    return 0;
}

static int actor_gc(lua_State *L)
{
    task_unref_handle(bind_check(L, 1, BIND_ACTOR));
    return 0;
}

static int actor_tostring(lua_State *L)
{
    lua_pushfstring(L, "actor %s", ((struct task *)bind_check(L, 1, BIND_ACTOR))->name);
    return 1;
}

static int nothing_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)L, (void)status, (void)ctx;
    return 0;
}

static int api_sleep(lua_State *L)
{
    int64_t time = bind_time(L, 1);
    bind_need_network(L); // building it takes a while
    return task_sleep(L, bind_now(L) + time, 0, nothing_k);
}

// Computing: a wait that an event loop does not give control back for.
static int api_busy(lua_State *L)
{
    const struct task *t = task_of(L);
    int64_t time = bind_time(L, 1);
    bind_need_network(L);
    struct log *log = &t->tasks->play->stage.log;
    struct event *e = log_begin(log, EVENT_BUSY, task_here(L), t->host ? t->host->number : 0, 0);
    e->as.busy.for_ns = time;
    log_commit(log, e);
    return task_wait_source(L, NULL, "busy", bind_now(L) + time, 0, nothing_k);
}

// Deadlines in the prelude are seconds of the machine's clock.
static int sys_clock(lua_State *L)
{
    lua_pushnumber(L, (double)bind_now(L) / 1e9);
    return 1;
}

// deadline(limit or nil) → when it is over, nil for never
static int sys_deadline(lua_State *L)
{
    if (lua_isnoneornil(L, 1))
        return 0;
    lua_pushnumber(L, (double)(bind_now(L) + bind_time(L, 1)) / 1e9);
    return 1;
}

static int pause_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    lua_pushboolean(L, 1);
    return 1;
}

// pause("expect" | "settle", seconds, deadline or nil) → false when the deadline is over
static int sys_pause(lua_State *L)
{
    static const char *const names[] = {"expect", "settle", NULL};
    const char *what = names[luaL_checkoption(L, 1, NULL, names)];
    int64_t now = bind_now(L), until = now + (int64_t)(luaL_checknumber(L, 2) * 1e9);
    if (lua_isnumber(L, 3) && (double)now / 1e9 >= lua_tonumber(L, 3)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    return task_wait_source(L, NULL, what, until, 0, pause_k);
}

static int api_now(lua_State *L)
{
    lua_pushnumber(L, (double)stage_time(&bind_play(L)->stage) / 1e9);
    return 1;
}

// Text in which each place can be told apart: lines of 16 bytes, each ending with the offset of the
// next line.
static int api_bytes(lua_State *L)
{
    size_t n = (size_t)bind_size(L, 1, 64 << 20);
    luaL_Buffer text;
    char *p = luaL_buffinitsize(L, &text, n + 17);
    for (size_t at = 0; at < n; at += 16) {
        char line[24];
        snprintf(line, sizeof line, "%015zu\n", (at + 16) % 1000000000000000);
        for (size_t i = 0; i < 16; i++)
            p[at + i] = line[i] == '0' && i < 8 ? '.' : line[i];
    }
    luaL_pushresultsize(&text, n);
    return 1;
}

void bind_actors(lua_State *L)
{
    static const luaL_Reg sys[] = {{"spawn", sys_spawn}, {"next_handler", sys_next_handler},
                                   {"clock", sys_clock}, {"deadline", sys_deadline},
                                   {"pause", sys_pause}, {NULL, NULL}};
    static const luaL_Reg api[] = {{"sleep", api_sleep},
                                   {"busy", api_busy},
                                   {"now", api_now},
                                   {"bytes", api_bytes},
                                   {NULL, NULL}};
    static const luaL_Reg methods[] = {{"join", actor_join}, {"stop", actor_stop}, {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__gc", actor_gc}, {"__close", actor_stop}, {"__tostring", actor_tostring}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    bind_new_type(L, BIND_ACTOR, methods, meta);
    vm_push_api(L);
    luaL_setfuncs(L, api, 0);
    lua_pop(L, 1);
}
