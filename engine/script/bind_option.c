// Bindings of socket options, dup and non-blocking mode.
#include <errno.h>

#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"
#include "stage/option.h"

#define OPTION_MAX 2147483647

static int unknown_option(lua_State *L, const char *name)
{
    struct buf text = {0};
    for (const struct option *o = options; o->name; o++)
        buf_printf(&text, "%s%s", text.len ? ", " : "", o->name);
    lua_pushstring(L, buf_string(&text));
    buf_fini(&text);
    return fault_misuse(
        L, "unknown socket option \"%s\"; there are %s (also as nodelay, reuseaddr, …)", name,
        lua_tostring(L, -1));
}

static const struct option *check_option(lua_State *L, int arg)
{
    const char *name =
        lua_type(L, arg) == LUA_TSTRING ? lua_tostring(L, arg) : luaL_typename(L, arg);
    const struct option *o = option_find(name);
    if (!o)
        unknown_option(L, name);
    return o;
}

// The value in the kernel's unit.
static int64_t check_value(lua_State *L, int arg, const struct option *o)
{
    int type = lua_type(L, arg);
    int64_t number = 0;
    if (o->unit == OPTION_FLAG && type == LUA_TBOOLEAN)
        return lua_toboolean(L, arg);
    if (o->unit == OPTION_LINGER &&
        (type == LUA_TNIL || (type == LUA_TBOOLEAN && !lua_toboolean(L, arg))))
        return -1;
    if (type == LUA_TSTRING && (o->unit == OPTION_SECONDS || o->unit == OPTION_LINGER))
        number = bind_time(L, arg) / 1000000000;
    else if (type == LUA_TSTRING && o->unit == OPTION_MS)
        number = bind_time(L, arg) / 1000000;
    else if (o->unit == OPTION_TIME)
        return bind_time(L, arg);
    else if (o->unit == OPTION_BYTES)
        number = bind_size(L, arg, OPTION_MAX);
    else if (!lua_isinteger(L, arg))
        fault_misuse(L, "%s takes %s, not %s", o->name,
                     o->unit == OPTION_FLAG ? "true or false" : "a whole number",
                     luaL_typename(L, arg));
    else
        number = lua_tointeger(L, arg);
    if (number > OPTION_MAX || number < -OPTION_MAX)
        fault_misuse(L, "%s: the value is too large", o->name);
    return number;
}

static int socket_set(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    const struct option *o = check_option(L, 2);
    const char *word = NULL;
    int64_t number = 0;
    lua_settop(L, 3);
    if (o->read_only)
        return fault_misuse(L, "%s can only be read", o->name);
    if (o->unit != OPTION_WORD)
        number = check_value(L, 3, o);
    else if (lua_type(L, 3) == LUA_TSTRING)
        word = lua_tostring(L, 3);
    else
        return fault_misuse(L, "%s takes a text, not %s", o->name, luaL_typename(L, 3));
    if (sock_set_option(s, task_here(L), o, number, word) != 0)
        return bind_fail(L, CALL_SETSOCKOPT, errno, NULL, o->name);
    lua_pushboolean(L, 1);
    return 1;
}

static int socket_get(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    const struct option *o = check_option(L, 2);
    int64_t number = 0;
    char word[OPTION_TEXT] = "";
    if (sock_get_option(s, task_here(L), o, &number, word) != 0)
        return bind_fail(L, CALL_GETSOCKOPT, errno, NULL, o->name);
    if (o->unit == OPTION_WORD)
        lua_pushstring(L, word);
    else if (o->unit == OPTION_ERROR && number && strerrorname_np((int)number))
        lua_pushstring(L, strerrorname_np((int)number));
    else if (o->unit == OPTION_FLAG || (o->unit == OPTION_LINGER && number < 0))
        lua_pushboolean(L, number > 0);
    else if (o->unit == OPTION_TIME)
        lua_pushnumber(L, (double)number / 1e9);
    else
        lua_pushinteger(L, number);
    return 1;
}

static int socket_nonblocking(lua_State *L)
{
    struct sock *s = bind_check_open(L, 1);
    if (!lua_isnoneornil(L, 2) && !lua_isboolean(L, 2))
        return fault_misuse(L, "nonblocking takes true or false, not %s", luaL_typename(L, 2));
    sock_nonblocking(s, task_here(L), lua_isnoneornil(L, 2) || lua_toboolean(L, 2));
    s->looped = false; // whoever asks for EAGAIN, or for a call that holds up the loop, gets it
    return 0;
}

static int socket_dup(lua_State *L)
{
    struct sock *made = sock_dup(bind_check_open(L, 1), task_here(L));
    if (!made)
        return bind_fail(L, CALL_DUP, errno, NULL, "dup");
    bind_push(L, BIND_SOCKET, made);
    return 1;
}

// option_name(text): the kernel's name of a socket option, nil if it is none
static int sys_option_name(lua_State *L)
{
    const struct option *o = lua_type(L, 1) == LUA_TSTRING ? option_find(lua_tostring(L, 1)) : NULL;
    lua_pushstring(L, o && !o->read_only ? o->name : NULL);
    return 1;
}

void bind_option(lua_State *L)
{
    static const luaL_Reg sys[] = {{"option_name", sys_option_name}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"set", socket_set},
                                       {"get", socket_get},
                                       {"nonblocking", socket_nonblocking},
                                       {"dup", socket_dup},
                                       {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    lua_getfield(L, -1, "Socket");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}
