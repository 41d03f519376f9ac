// fault: errors of a scene in words that help: where, what, and what to do about it.
#pragma once

#include <lua.h>
#include <stdint.h>

struct play;
struct task;

struct fault_place {
    uint16_t source; // index of the file: 0 the scene, n the n-th required one
    uint32_t line;   // 0: not in a file of the scene
};

// The innermost place in the presenter's own files.
struct fault_place fault_place(lua_State *L, const struct play *play);

// The error value on top of a failed coroutine, in words.
const char *fault_message(lua_State *co);

// Logs an `error` event for the task that failed with this message. Its coroutine must not have
// been unwound yet. `line` 0: where the coroutine stands.
void fault_log(struct task *t, const char *message, uint32_t line);

extern const char fault_concat_hint[];

// Raises an error at the presenter's line: a call that is used wrongly.
int fault_misuse(lua_State *L, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
