// Implementation of decide.h.
#include "script/decide.h"

#include <lauxlib.h>
#include <string.h>

#include "base/units.h"
#include "event/fields.h"
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
    struct rule_act *act;
};

// The function has returned and stands in no traceback: its beginning is named.
static int refuse_answer(lua_State *L, const struct question *q, const char *got)
{
    lua_Debug ar;
    lua_rawgeti(L, LUA_REGISTRYINDEX, q->rule->ask);
    lua_getinfo(L, ">S", &ar);
    return luaL_error(L,
                      "%s:%d: on_packet: the function returns nothing, \"drop\", \"duplicate\", "
                      "\"corrupt\", \"hold\" or a delay such as \"20ms\", not %s",
                      *ar.source == '@' ? ar.source + 1 : "?", ar.linedefined, got);
}

// What on_packet() may answer, but for nothing; it is on top.
static void read_answer(lua_State *L, const struct question *q)
{
    static const enum rule_action words[] = {RULE_DROP, RULE_DUPLICATE, RULE_CORRUPT, RULE_HOLD};
    struct err err;
    struct rule_act *act = q->act;
    bool is_number = lua_type(L, -1) == LUA_TNUMBER;
    const char *word = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
        if (strcmp(word, names_of_action[words[i]]) == 0) {
            act->action = words[i];
            return;
        }
    if (!is_number && (!word || units_time(word, &act->by_ns, &err) != 0))
        refuse_answer(L, q, word ? word : luaL_typename(L, -1));
    act->action = RULE_DELAY;
    act->by_ns = bind_time(L, lua_gettop(L));
}

static int consult(lua_State *L)
{
    const struct question *q = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, q->rule->ask);
    bind_push_packet(L, q->rule->wire->stage, q->packet->row, q->packet->payload);
    lua_call(L, 1, 1);
    if (q->act->action == RULE_ON_PACKET && !lua_isnil(L, -1))
        read_answer(L, q);
    return 1;
}

static bool ask(void *arg, struct rule *rule, const struct rule_packet *packet,
                struct rule_act *act)
{
    struct play *p = arg;
    struct task *t = &p->tasks.nobody;
    struct question question = {(struct wire_rule *)rule, packet, act};
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
