// Implementation of decide.h.
#include "script/decide.h"

#include <lauxlib.h>

#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"
#include "script/watchdog.h"
#include "stage/wire_rule.h"

// What failed is told while its stack still stands.
static int tell(lua_State *L)
{
    fault_log(task_of(L), fault_message(L), 0);
    return 1;
}

struct question {
    struct wire_rule *rule;
    const struct rule_packet *packet;
};

static int consult(lua_State *L)
{
    const struct question *q = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, q->rule->ask);
    bind_push_packet(L, q->rule->wire->stage, q->packet->row, q->packet->payload);
    lua_call(L, 1, 1);
    return 1;
}

static bool ask(void *arg, struct rule *rule, const struct rule_packet *packet)
{
    struct play *p = arg;
    struct task *t = &p->tasks.nobody;
    struct question question = {(struct wire_rule *)rule, packet};
    int top = lua_gettop(t->co);
    struct watchdog_run outer = watchdog_nest(t->co, &t->actor);
    p->stage.deciding = true;
    lua_pushcfunction(t->co, tell);
    lua_pushcfunction(t->co, consult);
    lua_pushlightuserdata(t->co, &question);
    bool failed = lua_pcall(t->co, 1, 1, top + 1) != LUA_OK;
    bool yes = !failed && lua_toboolean(t->co, -1);
    p->stage.deciding = false;
    watchdog_unnest(&outer);
    lua_settop(t->co, top);
    if (failed)
        wire_rule_end(question.rule, NULL);
    return yes;
}

void decide_attach(lua_State *L, struct wire_rule *r)
{
    struct play *p = bind_play(L);
    if (!p->tasks.nobody.co)
        tasks_make_nobody(&p->tasks, L);
    r->ask = luaL_ref(L, LUA_REGISTRYINDEX);
    r->rule.asks = true;
    r->wire->rules.ask = ask;
    r->wire->rules.ask_arg = p;
}
