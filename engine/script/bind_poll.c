// Bindings of poll and select.
#include <errno.h>

#include "base/clock.h"
#include "event/fields.h"
#include "event/flags.h"
#include "script/bind_call.h"
#include "script/bind_many.h"
#include "script/fault.h"
#include "script/play.h"
#include "stage/poll.h"

#define SET "wirescene.poll" // registry: metatable of sets

static int set_gc(lua_State *L)
{
    poll_rest(lua_touserdata(L, 1));
    return 0;
}

// Stack: host, call, list, wants, limit, set
static int give(lua_State *L, const struct poll_set *p)
{
    int count = 0;
    lua_newtable(L);
    for (size_t i = 0; i < p->count; i++) {
        if (!p->entries[i].ready)
            continue;
        lua_rawgeti(L, 3, (lua_Integer)i + 1);
        bind_many_give(L, ++count, p->entries[i].ready);
    }
    return 1;
}

static int poll_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct poll_set *p = lua_touserdata(L, 6);
    struct task *t = task_of(L);
    bool may_wait = p->asked.timeout_ns != 0 && t->woke != WAIT_TIMEOUT, spins = false;
    poll_rest(p);
    int found = poll_call(p, task_here(L), may_wait, &spins);
    if (found < 0 && t->actor.op.waiting) {
        poll_arm(p);
        return task_wait_many(L, &p->any, -1, p->asked.call, ctx, poll_k);
    }
    if (found < 0)
        return bind_fail(L, p->asked.call, errno, NULL, names_of_call[p->asked.call]);
    give(L, p);
    return spins || p->asked.timeout_ns == 0 ? bind_give_way(L, 1) : 1;
}

// What a descriptor of the host may not be: select(2) has no bit for it.
static void check_select(lua_State *L, const struct sock *s)
{
    if (s->shown_fd >= POLL_SELECT_MAX)
        fault_misuse(L,
                     "select: descriptor %d of %s has no bit in a set of select(2), which ends at "
                     "%d (FD_SETSIZE); poll and epoll have no such end",
                     s->shown_fd, s->host->name, POLL_SELECT_MAX - 1);
}

// poll(host, "poll" | "select", list of sockets, what each is wanted for, limit or nil)
static int sys_poll(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    enum call call = *luaL_checkstring(L, 2) == 'p' ? CALL_POLL : CALL_SELECT;
    size_t count = lua_rawlen(L, 3);
    lua_settop(L, 5);
    bind_need_network(L);
    int64_t limit = bind_many_start(L, 5);
    struct poll_set *p = lua_newuserdatauv(L, poll_set_size(count), 0);
    poll_set_init(p, h, call, limit);
    luaL_setmetatable(L, SET);
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, 3, (lua_Integer)i);
        struct sock *s = bind_check_open(L, -1);
        if (s->host != h)
            return fault_misuse(L, "%s: a %s of %s cannot be waited for on %s", names_of_call[call],
                                s->local.port ? "listener" : "connection", s->host->name, h->name);
        if (call == CALL_SELECT)
            check_select(L, s);
        lua_rawget(L, 4);
        poll_set_add(p, s, (uint32_t)lua_tointeger(L, -1));
        lua_pop(L, 1);
    }
    return poll_k(L, LUA_OK, 0);
}

void bind_poll(lua_State *L)
{
    static const luaL_Reg sys[] = {{"poll", sys_poll}, {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__gc", set_gc}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    luaL_newmetatable(L, SET);
    luaL_setfuncs(L, meta, 0);
    lua_pop(L, 1);
}
