// Bindings of real programs.
#include <string.h>
#include <sys/wait.h>

#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"

// A table of texts at `arg`: the command line.
static void take_args(lua_State *L, int arg, struct launch *l)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_Unsigned count = lua_rawlen(L, arg);
    if (count < 1 || count > LAUNCH_ARGS_MAX)
        fault_misuse(L, "a program takes at most %d arguments", LAUNCH_ARGS_MAX - 1);
    for (lua_Unsigned i = 1; i <= count; i++) {
        size_t len;
        lua_rawgeti(L, arg, (lua_Integer)i);
        const char *text = luaL_checklstring(L, -1, &len);
        if (strlen(text) != len)
            fault_misuse(L, "an argument of a program cannot have a NUL in it");
        l->args[l->arg_count++] = text; // the table keeps it
        lua_pop(L, 1);
    }
}

static void take_file(lua_State *L, struct launch *l, const char *name)
{
    size_t len;
    if (l->file_count == LAUNCH_FILES_MAX)
        fault_misuse(L, "a program takes at most %d files", LAUNCH_FILES_MAX - 1);
    struct launch_file *f = &l->files[l->file_count++];
    f->name = name;
    f->text = luaL_checklstring(L, -1, &len);
    f->len = len < CONTROL_MAX ? (uint32_t)len : CONTROL_MAX;
}

// At `files`: name → text, at `input`: a text or nil.
static void take_files(lua_State *L, int files, int input, struct launch *l)
{
    luaL_checktype(L, files, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, files); lua_pop(L, 1)) {
        luaL_checktype(L, -2, LUA_TSTRING);
        take_file(L, l, lua_tostring(L, -2));
    }
    if (lua_isnil(L, input))
        return;
    lua_pushvalue(L, input);
    take_file(L, l, "");
    lua_pop(L, 1);
}

static int started_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct program *p = (struct program *)ctx;
    if (p->phase == PROGRAM_ASKED)
        return task_wait_source(L, &p->changed, "start", WAIT_FOREVER, ctx, started_k);
    if (p->phase != PROGRAM_FAILED) {
        bind_push(L, BIND_PROGRAM, p);
        return 1;
    }
    return bind_fail_saying(L, "failed", p->name, p->why.text);
}

// start(host, command line, files, input or nil) → the program; nil, code, sentence
static int sys_start(lua_State *L)
{
    struct host *h = bind_check(L, 1, BIND_HOST);
    struct launch launch = {0};
    struct err err;
    take_args(L, 2, &launch);
    take_files(L, 3, 4, &launch);
    task_may_wait(L);
    bind_need_network(L);
    if (h->stage->loopback)
        return fault_misuse(L, "a real program needs a host of its own, which this machine "
                               "refuses; wirescene doctor says what helps");
    struct program *p = program_new(h, &launch, task_here(L), &err);
    return p ? started_k(L, LUA_OK, (lua_KContext)p) : fault_misuse(L, "%s", err.text);
}

static struct program *check(lua_State *L)
{
    return bind_check(L, 1, BIND_PROGRAM);
}

static void put_stream(lua_State *L, const struct program *p, int stream, const char *name)
{
    lua_pushlstring(L, p->streams[stream].text.ptr, p->streams[stream].text.len);
    lua_setfield(L, -2, name);
}

static int ended_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    const struct program *p = check(L);
    if (p->phase != PROGRAM_ENDED)
        return bind_fail(L, CALL_NONE, 0, "timeout", p->name);
    lua_createtable(L, 0, 4);
    bool killed = WIFSIGNALED(p->status);
    char signal[PROGRAM_SIGNAL];
    lua_pushinteger(L, killed ? 128 + WTERMSIG(p->status) : WEXITSTATUS(p->status));
    lua_setfield(L, -2, "status"); // as shells have it
    if (killed) {
        lua_pushstring(L, program_signal(p, signal));
        lua_setfield(L, -2, "signal");
    }
    put_stream(L, p, OUTPUT_STDOUT, "stdout");
    put_stream(L, p, OUTPUT_STDERR, "stderr");
    return 1;
}

// wait(program, limit) → { status, signal, stdout, stderr } when it has ended
static int program_wait(lua_State *L)
{
    struct program *p = check(L);
    int64_t deadline = bind_opt_deadline(L, 2);
    if (p->phase == PROGRAM_ENDED)
        return ended_k(L, LUA_OK, 0);
    return task_wait_source(L, &p->changed, p->name, deadline, 0, ended_k);
}

static int program_stop(lua_State *L)
{
    program_end(check(L));
    return 0;
}

static int program_running(lua_State *L)
{
    lua_pushboolean(L, check(L)->phase == PROGRAM_RUNS);
    return 1;
}

static int program_tostring(lua_State *L)
{
    lua_pushfstring(L, "program %s", check(L)->name);
    return 1;
}

static int sys_program_name(lua_State *L)
{
    lua_pushstring(L, check(L)->name);
    return 1;
}

// program_output(program, "stdout" | "stderr"): what it has printed so far
static int sys_program_output(lua_State *L)
{
    static const char *const names[] = {"stdout", "stderr", NULL};
    const struct program *p = check(L);
    const struct buf *text = &p->streams[luaL_checkoption(L, 2, NULL, names)].text;
    lua_pushlstring(L, text->ptr, text->len);
    return 1;
}

void bind_program(lua_State *L)
{
    static const luaL_Reg sys[] = {{"start", sys_start},
                                   {"program_name", sys_program_name},
                                   {"program_output", sys_program_output},
                                   {NULL, NULL}};
    static const luaL_Reg methods[] = {
        {"wait", program_wait}, {"stop", program_stop}, {"running", program_running}, {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__close", program_stop}, {"__tostring", program_tostring}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
    bind_new_type(L, BIND_PROGRAM, methods, meta);
}
