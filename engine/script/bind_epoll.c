// Bindings of epoll.
//
// The handle's first user value is a table of the sockets in it, by their address: so they live as
// long as the kernel may speak of them. The second is how many more may be added before the table
// is swept.
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "event/fields.h"
#include "script/bind_call.h"
#include "script/bind_many.h"
#include "script/fault.h"
#include "script/play.h"
#include "stage/epoll.h"

#define SWEEP_LEAST 64

static struct epoll *check_open(lua_State *L)
{
    struct epoll *ep = bind_check(L, 1, BIND_EPOLL);
    if (ep->fd < 0)
        fault_misuse(L, "this epoll was closed before");
    return ep;
}

// epoll(host, edge, oneshot)
static int sys_epoll(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    uint32_t flags =
        (lua_toboolean(L, 2) ? WATCH_EDGE : 0) | (lua_toboolean(L, 3) ? WATCH_ONESHOT : 0);
    bind_need_network(L);
    struct epoll *ep = epoll_open(h, task_here(L), flags);
    if (!ep)
        return bind_fail(L, CALL_EPOLL_CREATE1, errno, NULL, "epoll_create1");
    *(struct epoll **)lua_newuserdatauv(L, sizeof ep, 2) = ep;
    luaL_setmetatable(L, "epoll");
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    lua_pushinteger(L, SWEEP_LEAST);
    lua_setiuservalue(L, -2, 2);
    return 1;
}

static uint32_t check_what(lua_State *L, const char *method)
{
    static const char *const words[] = {"read", "write", "both", NULL};
    static const uint32_t bits[] = {WATCH_READ, WATCH_WRITE, WATCH_READ | WATCH_WRITE};
    const char *word = lua_isnoneornil(L, 3)           ? "read"
                       : lua_type(L, 3) == LUA_TSTRING ? lua_tostring(L, 3)
                                                       : luaL_typename(L, 3);
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return bits[i];
    fault_misuse(L, "%s takes \"read\", \"write\" or \"both\", not \"%s\"", method, word);
}

// Drops from the table what was closed, if that was the last descriptor: the kernel has forgotten
// it too. Now and then, so that it costs little.
static void sweep(lua_State *L)
{
    lua_getiuservalue(L, 1, 2);
    lua_Integer left = lua_tointeger(L, -1) - 1;
    lua_pop(L, 1);
    if (left < 0) {
        left = SWEEP_LEAST;
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
            const struct sock *s = lua_touserdata(L, -2);
            left++;
            if (s->fd >= 0 || s->doubled)
                continue;
            lua_pushnil(L);
            lua_rawsetp(L, -4, s);
        }
    }
    lua_pushinteger(L, left);
    lua_setiuservalue(L, 1, 2);
}

static void keep(lua_State *L, const struct sock *s, bool is_in)
{
    lua_getiuservalue(L, 1, 1);
    if (is_in) {
        sweep(L);
        lua_pushvalue(L, 2);
    } else {
        lua_pushnil(L);
    }
    lua_rawsetp(L, -2, s);
    lua_pop(L, 1);
}

static int control(lua_State *L, int operation, const char *method)
{
    struct epoll *ep = check_open(L);
    struct sock *s = bind_check_open(L, 2);
    uint32_t what = operation == EPOLL_CTL_DEL ? 0 : check_what(L, method);
    if (s->host != ep->host)
        return fault_misuse(L, "%s: a %s of %s cannot be in an epoll of %s", method,
                            s->local.port ? "listener" : "connection", s->host->name,
                            ep->host->name);
    if (epoll_control(ep, task_here(L), operation, s, what) != 0)
        return bind_call_fail(L, s, CALL_EPOLL_CTL, errno, NULL);
    if (operation != EPOLL_CTL_MOD)
        keep(L, s, operation == EPOLL_CTL_ADD);
    lua_pushboolean(L, 1);
    return 1;
}

static int epoll_add(lua_State *L)
{
    return control(L, EPOLL_CTL_ADD, "add");
}

static int epoll_modify(lua_State *L)
{
    return control(L, EPOLL_CTL_MOD, "modify");
}

static int epoll_remove(lua_State *L)
{
    return control(L, EPOLL_CTL_DEL, "remove");
}

static int give(lua_State *L, const struct epoll_found *found, int count)
{
    lua_getiuservalue(L, 1, 1);
    lua_createtable(L, count, count);
    for (int i = 0; i < count; i++) {
        lua_rawgetp(L, -2, found[i].sock);
        bind_many_give(L, i + 1, found[i].what);
    }
    return 1;
}

static int wait_k(lua_State *L, int status, lua_KContext limit)
{
    (void)status;
    struct epoll *ep = bind_check(L, 1, BIND_EPOLL);
    struct task *t = task_of(L);
    struct epoll_found found[EPOLL_MOST];
    bool spins = false, may_wait = limit != 0 && t->woke != WAIT_TIMEOUT;
    if (t->woke == WAIT_GONE || ep->fd < 0)
        return bind_fail(L, CALL_EPOLL_WAIT, EBADF, NULL, "epoll_wait");
    int count = epoll_look(ep, task_here(L), limit, may_wait, found, &spins);
    if (count < 0 && t->actor.op.waiting)
        return task_wait_many(L, &ep->ready, ep->fd, CALL_EPOLL_WAIT, limit, wait_k);
    if (count < 0)
        return bind_fail(L, CALL_EPOLL_WAIT, errno, NULL, "epoll_wait");
    give(L, found, count);
    return spins || limit == 0 ? bind_give_way(L, 1) : 1;
}

// epoll:wait(limit) → list of those that are ready
static int epoll_wait_(lua_State *L)
{
    check_open(L);
    lua_settop(L, 2);
    return wait_k(L, LUA_OK, bind_many_start(L, 2));
}

static int epoll_close_(lua_State *L)
{
    struct epoll *ep = bind_check(L, 1, BIND_EPOLL);
    if (ep->fd >= 0)
        epoll_close(ep, task_here(L));
    return 0;
}

static int epoll_fd(lua_State *L)
{
    lua_pushinteger(L, check_open(L)->shown_fd);
    return 1;
}

static int epoll_gc(lua_State *L)
{
    struct epoll *ep = bind_check(L, 1, BIND_EPOLL);
    if (ep->fd < 0) // an open one lives on, like a socket
        epoll_free(ep);
    return 0;
}

static int epoll_tostring(lua_State *L)
{
    const struct epoll *ep = bind_check(L, 1, BIND_EPOLL);
    lua_pushfstring(L, "epoll %d of %s%s", ep->shown_fd, ep->host->name,
                    ep->fd < 0 ? " (closed)" : "");
    return 1;
}

void bind_epoll(lua_State *L)
{
    static const luaL_Reg sys[] = {{"epoll", sys_epoll}, {NULL, NULL}};
    static const luaL_Reg methods[] = {
        {"add", epoll_add},    {"modify", epoll_modify}, {"remove", epoll_remove},
        {"wait", epoll_wait_}, {"close", epoll_close_},  {"fd", epoll_fd},
        {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__gc", epoll_gc},
                                    {"__close", epoll_close_},
                                    {"__tostring", epoll_tostring},
                                    {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    bind_new_type(L, BIND_EPOLL, methods, meta);
}
