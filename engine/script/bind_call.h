// bind_call: what the bindings of socket calls share: an operation of the script around calls that
// may have to wait.
//
// A binding starts the operation and enters its continuation at once; the continuation asks whether
// a wait has ended the operation, makes the call, and waits again or pushes the outcome.
#pragma once

#include "script/bind.h"

// The operation begins, at this line: its limit starts to run.
struct task *bind_call_start(lua_State *L, const struct sock *s);

// Whether the operation is over because of how its wait ended: then pushes the outcome and returns
// how many, else 0.
int bind_call_ended(lua_State *L, struct sock *s, enum call call);

// Whether the call on this socket that has just failed is to be waited for.
bool bind_call_waits(lua_State *L, const struct sock *s);

// Whether a read has to wait before the call is made: in a handler of an event loop, which reads
// what is ready. Says so once for each time that the loop has found it ready.
bool bind_call_waits_first(lua_State *L, const struct sock *s);

// bind_fail() of a call on this socket; `code` NULL: the name of `error`.
int bind_call_fail(lua_State *L, const struct sock *s, enum call call, int error, const char *code);

// Gives the `results` on top, but lets the loop of the stage turn first: for what a loop of the
// script may ask again and again, so that it cannot hang the scene.
int bind_give_way(lua_State *L, int results);
