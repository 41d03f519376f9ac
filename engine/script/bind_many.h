// bind_many: what the bindings of poll, select and epoll share: the operation, and the list it
// gives.
#pragma once

#include "script/bind.h"

// The operation begins. The limit in ns of the argument, EVENT_NONE for nil; the task's deadline
// is set to it.
int64_t bind_many_start(lua_State *L, int limit);

// The socket on top of the stack, which goes, is number `at` in the table below it, and the table
// says of it what it is ready for (WATCH_…).
void bind_many_give(lua_State *L, int at, uint32_t ready);
