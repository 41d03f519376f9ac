// bind: what C offers to the prelude, as one table of functions and the methods of hosts, wires,
// sockets and actors.
//
// Each binding checks its arguments, makes one call into stage/, and pushes the outcome. What needs
// more than that is Lua, in prelude/.
#pragma once

#include <lauxlib.h>
#include <lua.h>

#include "script/task.h"

#define BIND_GLOBALS_META                                                                          \
    "wirescene.globals" // registry: metatable of the scene's environment, set by the prelude

// Adds all functions to the table on top.
void bind_all(lua_State *L);
void bind_story(lua_State *L);
void bind_checks(lua_State *L);
void bind_net(lua_State *L);
void bind_kernel(lua_State *L);
void bind_conn(lua_State *L);
void bind_transfer(lua_State *L); // after bind_conn
void bind_option(lua_State *L);   // after bind_conn
void bind_actors(lua_State *L);
void bind_packets(lua_State *L);
void bind_program(lua_State *L);

const void *bind_play_key(void);
struct play *bind_play(lua_State *L);

// Handles. Each type has a table of methods that the prelude can add to: sys.Host, sys.Wire,
// sys.Socket, sys.Actor, sys.Program.
enum bind_type { BIND_HOST, BIND_WIRE, BIND_SOCKET, BIND_ACTOR, BIND_PROGRAM, BIND_TYPES };
void bind_new_type(lua_State *L, enum bind_type type, const luaL_Reg *methods,
                   const luaL_Reg *meta);                       // the sys table is on top
void bind_push(lua_State *L, enum bind_type type, void *thing); // a new handle
void *bind_check(lua_State *L, int arg, enum bind_type type);   // raises if it is something else
void *bind_test(lua_State *L, int arg, enum bind_type type);    // NULL if it is something else

struct sock *bind_check_open(lua_State *L, int arg); // a socket that is not closed; raises

// Arguments with units; raise.
int64_t bind_time(lua_State *L, int arg);               // ns of seconds or "20ms"
int64_t bind_opt_deadline(lua_State *L, int arg);       // now + time; WAIT_FOREVER for nil
int64_t bind_size(lua_State *L, int arg, int64_t most); // bytes or "64KiB"

void bind_push_host(lua_State *L,
                    const struct host *h); // the one handle of that host; nil for NULL
struct host *
bind_check_host(lua_State *L,
                int arg); // object, name or address; raises, naming the hosts there are

// The network stands afterwards; raises what the machine refused.
void bind_need_network(lua_State *L);

// The network's failures are values: pushes nil, code, sentence and returns how many; remembers it
// for later errors. `code` NULL: the name of `error`. `about` says what was tried.
int bind_fail(lua_State *L, int error, const char *code, const char *about);
int bind_fail_saying(lua_State *L, const char *code, const char *about, const char *sentence);
