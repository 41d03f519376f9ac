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
void bind_router(lua_State *L); // after bind_net
void bind_kernel(lua_State *L);
void bind_conn(lua_State *L);
void bind_transfer(lua_State *L); // after bind_conn
void bind_option(lua_State *L);   // after bind_conn
void bind_poll(lua_State *L);
void bind_epoll(lua_State *L);
void bind_serve(lua_State *L);
void bind_actors(lua_State *L);
void bind_packets(lua_State *L);
void bind_program(lua_State *L);
void bind_outside(lua_State *L);
void bind_wire(lua_State *L); // after bind_net
void bind_inject(lua_State *L);

const void *bind_play_key(void);
struct play *bind_play(lua_State *L);

// Handles. Each type has a table of methods that the prelude can add to: sys.Host, sys.Wire,
// sys.Direction, sys.Rule, sys.Socket, sys.Actor, sys.Epoll, sys.Program.
enum bind_type {
    BIND_HOST,
    BIND_WIRE,
    BIND_DIRECTION, // of a wire: struct port
    BIND_RULE,
    BIND_SOCKET,
    BIND_ACTOR,
    BIND_EPOLL,
    BIND_WATCH,
    BIND_PROGRAM,
    BIND_TYPES
};
void bind_new_type(lua_State *L, enum bind_type type, const luaL_Reg *methods,
                   const luaL_Reg *meta);                       // the sys table is on top
void bind_push(lua_State *L, enum bind_type type, void *thing); // a new handle
void *bind_check(lua_State *L, int arg, enum bind_type type);   // raises if it is something else
void *bind_test(lua_State *L, int arg, enum bind_type type);    // NULL if it is something else

void bind_check_may_call(lua_State *L);              // raises where no socket call can be made
struct sock *bind_check_open(lua_State *L, int arg); // a socket that is not closed; raises

// Arguments with units; raise.
int64_t bind_time(lua_State *L, int arg);         // ns of seconds or "20ms"
int64_t bind_opt_deadline(lua_State *L, int arg); // now + time; WAIT_FOREVER for nil
int64_t bind_now(lua_State *L); // by the clock of the scene, which deadlines go by
int64_t bind_size(lua_State *L, int arg, int64_t most);      // bytes or "64KiB"
uint16_t bind_port(lua_State *L, int arg, const char *what); // `what` was called with it

void bind_push_host(lua_State *L,
                    const struct host *h); // the one handle of that host; nil for NULL
struct host *
bind_check_host(lua_State *L,
                int arg); // object, name or address; raises, naming the hosts there are

// Filters. A table's fields that are functions are not in the filter: the prelude asks them. The
// bytes of `data` belong to the table.
enum filter_use { FILTER_OF_PACKETS, FILTER_OF_RULE, FILTER_OF_DELAY };
void bind_filter(lua_State *L, int arg, enum filter_use use, struct filter *f); // nil: all; raises
void bind_filter_words(lua_State *L, int arg, struct buf *text); // of a table that was read

// A packet as scenes see it; its payload may be NULL.
void bind_push_packet(lua_State *L, struct stage *s, const struct packet_row *r,
                      const char *payload);

struct stage *bind_stage_with_wire(lua_State *L,
                                   const char *what); // raises if this machine has none

// A wire, or one direction of it, as the first argument; raises.
struct bind_way {
    struct wire *wire;
    struct port *from; // NULL: all
};
struct bind_way bind_check_way(lua_State *L, const char *what); // `what` needs a wire

// The settings that a table of names and texts changes; raises.
void bind_settings(lua_State *L, int arg, struct direction_settings *settings);
uint32_t bind_mtu(lua_State *L, int arg); // of interfaces; raises

struct port *bind_wire_port(lua_State *L, const struct wire *w,
                            const struct host *h); // raises if the host is not at the wire

// The address by which `from` reaches the argument: a host (object, name or address), or a text
// that is an address though no host of the scene has it. Raises. Returns its name for messages
// (borrowed from the argument).
const char *bind_reach(lua_State *L, int arg, const struct host *from, struct addr *to);

// The network stands afterwards; raises what the machine refused.
void bind_need_network(lua_State *L);

// Raises what the machine refused.
int bind_refused(lua_State *L, const struct err *err);

// The network's failures are values: pushes nil, code, sentence and returns how many; remembers it
// for later errors. `call`: what failed, CALL_NONE if it was none. `code` NULL: the name of
// `error`. `about` says what was tried.
int bind_fail(lua_State *L, enum call call, int error, const char *code, const char *about);
// "ECONNREFUSED"; raises if it is the machine, not a host, that has no descriptor left.
const char *bind_code(lua_State *L, int error);
int bind_fail_saying(lua_State *L, const char *code, const char *about, const char *sentence);
