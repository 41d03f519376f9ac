// Bindings of the story: titles, narration, checks, knobs.
#include <string.h>

#include "base/clock.h"
#include "script/bind.h"
#include "script/fault.h"
#include "script/knobs.h"
#include "script/play.h"
#include "script/source.h"

static struct event *begin(lua_State *L, enum event_type type)
{
    struct actor *a = task_here(L);
    return log_begin(&bind_play(L)->stage.log, type, a, 0, 0);
}

static void put_text(struct event *e, struct span *span, lua_State *L, int arg)
{
    size_t len;
    const char *text = lua_tolstring(L, arg, &len);
    event_put_text(e, EVENT_MAX, span, text, len);
}

static int sys_say(lua_State *L)
{
    luaL_checkstring(L, 1);
    struct event *e = begin(L, EVENT_SAY);
    put_text(e, &e->as.say.text, L, 1);
    log_commit(&bind_play(L)->stage.log, e);
    return 0;
}

static int sys_print(lua_State *L)
{
    luaL_checkstring(L, 1);
    struct event *e = begin(L, EVENT_PRINT);
    put_text(e, &e->as.print.text, L, 1);
    log_commit(&bind_play(L)->stage.log, e);
    return 0;
}

static int cue_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)L, (void)status, (void)ctx;
    return 0;
}

static int sys_cue(lua_State *L)
{
    struct play *p = bind_play(L);
    luaL_checkstring(L, 1);
    bind_need_network(L);
    struct event *e = begin(L, EVENT_CUE);
    e->as.cue.presented = p->request->presented;
    put_text(e, &e->as.cue.text, L, 1);
    uint64_t id = log_commit(&p->stage.log, e);
    if (!p->request->presented) {
        p->cues_ns += p->request->cue_ns;
        return task_wait_source(L, NULL, "cue", bind_now(L) + p->request->cue_ns, 0, cue_k);
    }
    p->cue = id;
    p->cue_since_ns = clock_now();
    return task_wait_source(L, &p->key, "cue", WAIT_FOREVER, 0, cue_k);
}

// describe("title" | "author" | "about" | "tags", text)
static int sys_describe(lua_State *L)
{
    static const char *const names[] = {"title", "author", "about", "tags", NULL};
    struct play *p = bind_play(L);
    int which = luaL_checkoption(L, 1, NULL, names);
    if (p->stage.log.open)
        return fault_misuse(L, "put %s at the top, before anything happens", names[which]);
    play_describe(p, which, luaL_checkstring(L, 2));
    return 0;
}

static int sys_limits(lua_State *L)
{
    struct play *p = bind_play(L);
    if (!lua_isnoneornil(L, 1))
        p->time_limit_ns = bind_time(L, 1);
    if (!lua_isnoneornil(L, 2))
        p->linger_ns = bind_time(L, 2);
    return 0;
}

// setting(name): the text given with --set, or nil
static int sys_setting(lua_State *L)
{
    lua_pushstring(L, knobs_setting(bind_play(L), luaL_checkstring(L, 1)));
    return 1;
}

// The texts of a list, each ended by NUL.
static void put_choices(lua_State *L, int list, struct buf *choices)
{
    lua_Integer count = lua_istable(L, list) ? luaL_len(L, list) : 0;
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        const char *text = lua_tostring(L, -1);
        buf_put(choices, text, strlen(text) + 1);
        lua_pop(L, 1);
    }
}

// declare(name, value, choices or nil): a knob of the scene and what it stands at, all as texts
static int sys_declare(lua_State *L)
{
    struct play *p = bind_play(L);
    struct buf choices = {0};
    const char *name = luaL_checkstring(L, 1), *value = luaL_checkstring(L, 2);
    put_choices(L, 3, &choices);
    const struct knob *k = knobs_declare(p, name, value, choices.ptr, choices.len);
    buf_fini(&choices);
    if (!k)
        return fault_misuse(L, "there is already a param \"%s\"", name);
    if (p->stage.log.open)
        knobs_log_one(p, k, task_here(L));
    return 0;
}

static int sys_korean(lua_State *L)
{
    lua_pushboolean(L, bind_play(L)->request->korean);
    return 1;
}

// Whether nothing has moved on the wires for a while.
static int sys_quiet(lua_State *L)
{
    lua_pushboolean(L, stage_quiet(&bind_play(L)->stage, PLAY_QUIET_NS));
    return 1;
}

static int granted_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct play *p = bind_play(L);
    const struct control_message *m = p->message;
    if (m->number != (uint32_t)ctx) // the answer is for another who asks
        return task_wait_source(L, &p->answer, lua_touserdata(L, 2), WAIT_FOREVER, ctx, granted_k);
    if (m->type == CONTROL_GRANTED) {
        lua_pushlstring(L, m->bytes, m->len);
        return 1;
    }
    lua_pushnil(L);
    lua_pushlstring(L, m->bytes, m->len);
    lua_pushboolean(L, m->type == CONTROL_FORBIDDEN);
    return 3;
}

// Asks the front; what it grants, or nil, why, and whether the user has forbidden it.
static int ask_front(lua_State *L, enum control_type type, const char *what)
{
    struct play *p = bind_play(L);
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    task_may_wait(L);
    if (control_post(p->request->control, type, ++p->questions, name, len, NULL, 0) != 0)
        return fault_misuse(L, "%s: cannot ask for \"%s\"", what, name);
    lua_settop(L, 1);
    lua_pushlightuserdata(L, (void *)what);
    return task_wait_source(L, &p->answer, what, WAIT_FOREVER, p->questions, granted_k);
}

// want(name): the text of a file beside the scene
static int sys_want(lua_State *L)
{
    return ask_front(L, CONTROL_WANT, "require");
}

// need(name): whether the program is on this machine, and may be run
static int sys_need(lua_State *L)
{
    return ask_front(L, CONTROL_NEED, "a program");
}

// reach_outside("HOST:PORT"): whether this real address may be reached
static int sys_reach_outside(lua_State *L)
{
    return ask_front(L, CONTROL_REACH, "a real address");
}

// cannot(text): ends the scene, because this machine lacks something
static int sys_cannot(lua_State *L)
{
    bind_play(L)->machine_failed = true;
    return fault_misuse(L, "%s", luaL_checkstring(L, 1));
}

// load_source(name, text) → its function
static int sys_load_source(lua_State *L)
{
    struct play *p = bind_play(L);
    size_t len;
    struct err err;
    const char *name = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &len);
    struct event *e = begin(L, EVENT_SOURCE);
    event_put_text(e, EVENT_MAX, &e->as.source.name, name, strlen(name));
    event_put_text(e, EVENT_MAX, &e->as.source.text, text, len);
    log_commit(&p->stage.log, e);
    play_add_source(p, name);
    if (vm_load(&p->vm, L, name, text, len, &err) != 0)
        return luaL_error(L, "%s", err.text);
    return 1;
}

static int sys_misuse(lua_State *L)
{
    return fault_misuse(L, "%s", luaL_checkstring(L, 1));
}

// fail(code, about, sentence) → nil, code, "about: sentence"
static int sys_fail(lua_State *L)
{
    return bind_fail_saying(L, luaL_checkstring(L, 1), luaL_checkstring(L, 2),
                            luaL_checkstring(L, 3));
}

// fault: a handler of messages for xpcall(), which tells the error as one of the scene
static int sys_fault(lua_State *L)
{
    fault_log(task_of(L), fault_message(L), 0);
    return 1;
}

// place(f): where a function of the scene begins, "scene.lua:12: "
static int sys_place(lua_State *L)
{
    lua_Debug ar;
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_getinfo(L, ">S", &ar);
    lua_pushfstring(L, *ar.source == '@' ? "%s:%d: " : "", ar.source + 1, ar.linedefined);
    return 1;
}

// quietly(f, …): calls a function that must not wait
static int sys_quietly(lua_State *L)
{
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static void put_name(void *arg, const char *name, size_t len)
{
    lua_State *L = arg;
    lua_pushlstring(L, name, len);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
}

// declared_names(): the set of local names in the scene's own file
static int sys_declared_names(lua_State *L)
{
    const struct play_request *r = bind_play(L)->request;
    lua_newtable(L);
    source_names(r->text, r->text_len, put_name, L);
    return 1;
}

static int sys_set_globals(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_setfield(L, LUA_REGISTRYINDEX, BIND_GLOBALS_META);
    return 0;
}

void bind_story(lua_State *L)
{
    static const luaL_Reg sys[] = {{"say", sys_say},
                                   {"print", sys_print},
                                   {"cue", sys_cue},
                                   {"describe", sys_describe},
                                   {"limits", sys_limits},
                                   {"setting", sys_setting},
                                   {"declare", sys_declare},
                                   {"korean", sys_korean},
                                   {"quiet", sys_quiet},
                                   {"want", sys_want},
                                   {"need", sys_need},
                                   {"reach_outside", sys_reach_outside},
                                   {"cannot", sys_cannot},
                                   {"load_source", sys_load_source},
                                   {"misuse", sys_misuse},
                                   {"fail", sys_fail},
                                   {"fault", sys_fault},
                                   {"place", sys_place},
                                   {"quietly", sys_quietly},
                                   {"declared_names", sys_declared_names},
                                   {"set_globals", sys_set_globals},
                                   {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
}
