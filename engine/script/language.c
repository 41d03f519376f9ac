// Implementation of language.h.
#include "script/language.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/prelude.h"

static const struct prelude_file *file(const char *name)
{
    const struct prelude_file *f = language_files;
    while (f->name && strcmp(f->name, name) != 0)
        f++;
    return f;
}

int language_tell(struct buf *out, enum language_form form, const char *word, size_t width)
{
    static const char *const names[] = {"list", "word", "page"};
    const struct prelude_file *definitions = file("wirescene"), *program = file("reference");
    lua_State *L = luaL_newstate();
    if (!L)
        abort();
    luaL_openlibs(L);
    int status = luaL_loadbufferx(L, program->text, program->len, "=reference.lua", "t");
    if (status == LUA_OK) {
        lua_pushlstring(L, definitions->text, definitions->len);
        lua_pushstring(L, names[form]);
        lua_pushstring(L, word);
        lua_pushinteger(L, (lua_Integer)width);
        status = lua_pcall(L, 4, 1, 0);
    }
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    if (status != LUA_OK) {
        fprintf(stderr, "wirescene: language: %s\n", text); // a mistake of ours
        abort();
    }
    if (text)
        buf_put(out, text, len);
    int result = text ? 0 : -1;
    lua_close(L);
    return result;
}
