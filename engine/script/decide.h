// decide: functions of a scene that decide about a packet while it enters a wire.
//
// They run in the middle of whatever sent the packet, so they may not wait and may make no socket
// calls. One that fails is told as an error of the scene, and its rule ends.
#pragma once

#include <lua.h>

struct wire_rule;

// Takes a function from the top: the rule acts on what it says yes to.
void decide_attach(lua_State *L, struct wire_rule *r);
