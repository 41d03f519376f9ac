// watchdog: ends actors that compute without ever waiting.
//
// Theory of operation. A timer signal comes every 100 ms of CPU time of this process, so an idle
// stage gets none. When the same run of an actor has used up the limit, the signal handler sets a
// hook in its coroutine. The hook yields the actor, which no pcall can catch, and the scheduler
// ends it. Where Lua cannot yield (inside table.sort, string.gsub) the hook raises an error, at
// every instruction from then on. C code that never comes back to Lua (a pattern that never ends)
// is ended with the process, after leaving word where it was.
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "event/ring.h"

#define WATCHDOG_LIMIT_S 2

struct actor;

int watchdog_start(struct ring *ring); // -1 with errno

// Around each run of a coroutine. watchdog_leave() says whether the limit was reached.
void watchdog_enter(lua_State *co, const struct actor *actor);
bool watchdog_leave(void);
bool watchdog_watches(void); // between the two: what runs is the scene's, not ours

// Around a function of the scene that is called inside such a run, or outside any: it has a limit
// of its own.
struct watchdog_run {
    lua_State *co;
    const struct actor *actor;
    int ticks;
    bool barked;
};
struct watchdog_run watchdog_nest(lua_State *co, const struct actor *actor); // the run around it
void watchdog_unnest(const struct watchdog_run *outer);

// Around work of the engine's own inside a run, which may take long and is not the actor's fault.
void watchdog_pause(void);
void watchdog_go_on(lua_State *co);

uint32_t watchdog_line(void); // of the scene, where the limit took hold: a hook that yields leaves
                              // its coroutine one instruction back
