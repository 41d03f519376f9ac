// Implementation of vm.h.
#include "script/vm.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"
#include "script/prelude.h"
#include "script/watchdog.h"

static const char api_key, scene_key; // addresses of these are keys in the registry

static void *allocate(void *arg, void *old, size_t old_size, size_t size)
{
    struct vm *vm = arg;
    if (!old)
        old_size = 0; // then it is a kind of object
    if (size == 0) {
        free(old);
        vm->used -= old_size;
        return NULL;
    }
    if (size > old_size && vm->used - old_size + size > VM_MEMORY_MAX && watchdog_watches())
        return NULL;
    void *p = realloc(old, size);
    if (p)
        vm->used += size - old_size;
    return p;
}

void vm_push_api(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &api_key);
}

static void copy_fields(lua_State *L, const char *library, const char *const *names)
{
    lua_newtable(L);
    lua_getglobal(L, library);
    for (; *names; names++) {
        lua_getfield(L, -1, *names);
        lua_setfield(L, -3, *names);
    }
    lua_pop(L, 1);
}

// A scene may change its copy; the prelude works with the original.
static void copy_library(lua_State *L, const char *library)
{
    lua_newtable(L);
    lua_getglobal(L, library);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_settable(L, -6);
    }
    lua_pop(L, 1);
}

// As Lua's own, but without __gc: the collector runs such functions anywhere, where nothing can
// stop them.
static int set_metatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    lua_settop(L, 2);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return fault_misuse(
                L, "setmetatable: there is no __gc here; `local x <close>` ends a thing in time");
        lua_settop(L, 2);
    }
    lua_setmetatable(L, 1);
    return 1;
}

// What of Lua's own scenes may use. `coroutine` is not among it: waits and watchdog work on tasks.
static void fill_api(lua_State *L)
{
    static const char *const base[] = {
        "assert",   "error",    "getmetatable", "ipairs", "next",     "pairs",
        "pcall",    "rawequal", "rawget",       "rawlen", "rawset",   "select",
        "tonumber", "tostring", "type",         "xpcall", "_VERSION", NULL};
    static const char *const os[] = {"time", "date", "clock", NULL};
    luaL_requiref(L, "_G", luaopen_base, 1);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    luaL_requiref(L, LUA_OSLIBNAME, luaopen_os, 1);
    lua_settop(L, 0);
    lua_getglobal(L, "string"); // bytecode is not for scenes
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    lua_pop(L, 1);
    lua_pushliteral(L, ""); // all texts share it, those of the prelude too
    lua_getmetatable(L, -1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
    copy_fields(L, "_G", base);
    lua_pushcfunction(L, set_metatable);
    lua_setfield(L, -2, "setmetatable");
    for (const char *const *name = (const char *const[]){"table", "string", "math", "utf8", NULL};
         *name; name++) {
        copy_library(L, *name);
        lua_setfield(L, -2, *name);
    }
    copy_fields(L, "os", os);
    lua_setfield(L, -2, "os");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &api_key);
}

static void load_prelude(lua_State *L)
{
    lua_newtable(L); // what the bindings offer to the prelude
    bind_all(L);
    for (const struct prelude_file *file = prelude_files; file->name; file++) {
        if (luaL_loadbufferx(L, file->text, file->len, "=[engine]", "t") != LUA_OK)
            lua_error(L);
        vm_push_api(L);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 0);
    }
    lua_pop(L, 1);
}

// The environment of the scene's files: reads come from the API, anything else is an error (see
// prelude/globals.lua).
static void make_environment(lua_State *L)
{
    lua_newtable(L);
    lua_getfield(L, LUA_REGISTRYINDEX, BIND_GLOBALS_META);
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &scene_key);
}

static int open_all(lua_State *L)
{
    uint64_t seed = *(uint64_t *)lua_touserdata(L, 1);
    lua_settop(L, 0);
    fill_api(L);
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "randomseed");
    lua_pushinteger(L, (lua_Integer)seed);
    lua_call(L, 1, 0);
    lua_settop(L, 0);
    load_prelude(L);
    make_environment(L);
    return 0;
}

int vm_init(struct vm *vm, struct play *play, uint64_t seed)
{
    *vm = (struct vm){0};
    vm->L = lua_newstate(allocate, vm);
    if (!vm->L)
        return -1;
    *(struct task **)lua_getextraspace(vm->L) = NULL;
    lua_pushlightuserdata(vm->L, play);
    lua_rawsetp(vm->L, LUA_REGISTRYINDEX, bind_play_key());
    lua_pushcfunction(vm->L, open_all);
    lua_pushlightuserdata(vm->L, &seed);
    if (lua_pcall(vm->L, 1, 0, 0) != LUA_OK) {
        fprintf(stderr, "wirescene: prelude: %s\n", lua_tostring(vm->L, -1)); // a mistake of ours
        return -1;
    }
    return 0;
}

void vm_fini(struct vm *vm)
{
    if (vm->L)
        lua_close(vm->L);
    vm->L = NULL;
}

// A byte order mark and a line for the shell (#!) may come first; the line's end stays, so that
// lines keep their numbers.
static void skip_head(const char **text, size_t *len)
{
    size_t n = *len >= 3 && memcmp(*text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    if (n < *len && (*text)[n] == '#')
        while (n < *len && (*text)[n] != '\n')
            n++;
    *text += n;
    *len -= n;
}

int vm_load(struct vm *vm, lua_State *L, const char *name, const char *text, size_t len,
            struct err *err)
{
    (void)vm;
    if (len && *text == *LUA_SIGNATURE)
        return err_set(err, "%s:1: this is compiled Lua; a scene is a text", name);
    skip_head(&text, &len);
    lua_pushfstring(L, "@%s", name);
    int status = luaL_loadbufferx(L, text, len, lua_tostring(L, -1), "t");
    lua_remove(L, -2);
    if (status != LUA_OK) {
        const char *message = lua_tostring(L, -1);
        err_set(err, "%s%s", message, strstr(message, "near '..'") ? fault_concat_hint : "");
        lua_pop(L, 1);
        return -1;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &scene_key);
    lua_setupvalue(L, -2, 1);
    return 0;
}
