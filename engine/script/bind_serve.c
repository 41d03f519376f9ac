// Bindings of event loops, for prelude/serve.lua, which keeps no handler that has ended: they are
// light userdata.
#include <math.h>

#include "base/clock.h"
#include "script/bind.h"
#include "script/loop.h"
#include "script/play.h"

static int sys_loop(lua_State *L)
{
    loop_begin(task_of(L));
    return 0;
}

// put_under_loop(socket): its handlers give control back when they have to wait for it
static int sys_put_under_loop(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    sock_nonblocking(s, task_here(L), true);
    s->looped = true;
    return 0;
}

// take(fn, args…) → a handler of this loop, which has not begun
static int sys_take(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_pushlightuserdata(L, loop_take(task_of(L), L, lua_gettop(L) - 1));
    return 1;
}

// "read" | "write" | "time", and the socket, which stays on the stack of the handler.
static int push_wish(lua_State *L, const struct handler *h)
{
    static const char *const wishes[] = {
        [WISH_READ] = "read", [WISH_WRITE] = "write", [WISH_TIME] = "time"};
    lua_pushstring(L, wishes[h->wish]);
    lua_pushvalue(h->task->co, -1);
    lua_xmove(h->task->co, L, 1);
    return 2;
}

static int run_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    struct task *t = task_of(L);
    t->aside = false;
    return t->loop->current ? push_wish(L, t->loop->current) : 0;
}

// run(handler, in time) → its wish: "read" | "write" | "time", the socket; nothing if it has ended
static int sys_run(lua_State *L)
{
    return loop_run(L, lua_touserdata(L, 1), lua_toboolean(L, 2), 0, run_k);
}

// next_limit() → seconds until the first limit of a handler is over, in whole milliseconds, as a
// program asks for it (epoll_wait(2)); nil if none has one
static int sys_next_limit(lua_State *L)
{
    const struct handler *h = loop_next_limit(task_of(L)->loop);
    if (!h)
        return 0;
    int64_t left = h->limit.due_ns - bind_now(L);
    lua_pushnumber(L, left > 0 ? ceil((double)left / CLOCK_MS) / 1e3 : 0);
    return 1;
}

// overdue() → a handler whose limit is over, and its wish as run() gives it; nil if there is none.
// Each is given once.
static int sys_overdue(lua_State *L)
{
    struct loop *l = task_of(L)->loop;
    struct handler *h = loop_next_limit(l);
    if (!h || h->limit.due_ns > bind_now(L))
        return 0;
    heap_remove(&l->limits, &h->limit);
    lua_pushlightuserdata(L, h);
    return 1 + push_wish(L, h);
}

static int nothing_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)L, (void)status, (void)ctx;
    return 0;
}

// wait_for_descriptor(host): until one of its descriptors is closed
static int sys_wait_for_descriptor(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    return task_wait_source(L, &h->freed, "accept", WAIT_FOREVER, 0, nothing_k);
}

// closed_descriptors(host): how many there were so far
static int sys_closed_descriptors(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)((struct host *)bind_check(L, 1, BIND_HOST))->frees);
    return 1;
}

static int sys_is_open(lua_State *L)
{
    const struct sock *s = bind_check(L, 1, BIND_SOCKET);
    lua_pushboolean(L, s->fd >= 0);
    return 1;
}

void bind_serve(lua_State *L)
{
    static const luaL_Reg sys[] = {{"loop", sys_loop},
                                   {"put_under_loop", sys_put_under_loop},
                                   {"take", sys_take},
                                   {"run", sys_run},
                                   {"next_limit", sys_next_limit},
                                   {"overdue", sys_overdue},
                                   {"is_open", sys_is_open},
                                   {"wait_for_descriptor", sys_wait_for_descriptor},
                                   {"closed_descriptors", sys_closed_descriptors},
                                   {"wait_for_descriptor", sys_wait_for_descriptor},
                                   {"closed_descriptors", sys_closed_descriptors},
                                   {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
}
