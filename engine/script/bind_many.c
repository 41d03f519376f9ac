// Implementation of bind_many.h.
#include "script/bind_many.h"

#include "base/clock.h"
#include "event/flags.h"
#include "script/play.h"

int64_t bind_many_start(lua_State *L, int limit)
{
    struct task *t = task_of(L);
    int64_t ns = lua_isnoneornil(L, limit) ? EVENT_NONE : bind_time(L, limit);
    t->deadline_ns = ns == EVENT_NONE ? WAIT_FOREVER : bind_now(L) + ns;
    t->actor.op = (struct actor_op){0};
    t->woke = WAIT_READY;
    return ns;
}

void bind_many_give(lua_State *L, int at, uint32_t ready)
{
    char text[WATCH_TEXT];
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, at);
    lua_pushstring(L, flags_watch(ready, text));
    lua_rawset(L, -3);
}
