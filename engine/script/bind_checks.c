// Bindings of checks: expect(), and the values shown where it fails.
#include <stdio.h>
#include <string.h>

#include "script/bind.h"
#include "script/play.h"

#define VALUE_TEXT 120 // bytes of a value in words
#define ITEM_TEXT 40   // and of one that stands in a table

// A text, number or truth value; false: it is something else.
static bool plain_text(lua_State *L, int at, char *text, size_t room)
{
    size_t len;
    switch (lua_type(L, at)) {
    case LUA_TSTRING:
        lua_tolstring(L, at, &len);
        snprintf(text, room, len > 40 ? "\"%.40s…\" (%zu bytes)" : "\"%.40s\"", lua_tostring(L, at),
                 len);
        return true;
    case LUA_TNUMBER:
        lua_pushvalue(L, at); // it stays a number
        snprintf(text, room, "%s", lua_tostring(L, -1));
        lua_pop(L, 1);
        return true;
    case LUA_TBOOLEAN:
        snprintf(text, room, "%s", lua_toboolean(L, at) ? "true" : "false");
        return true;
    case LUA_TNIL:
        snprintf(text, room, "nil");
        return true;
    default:
        return false;
    }
}

// The first few entries of a table that can be told; those behind them are an ellipsis.
static void table_text(lua_State *L, int at, char *text)
{
    size_t used = (size_t)snprintf(text, VALUE_TEXT, "{");
    const char *between = " ";
    for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1)) {
        char item[ITEM_TEXT], entry[2 * ITEM_TEXT];
        if (!plain_text(L, lua_gettop(L), item, sizeof item))
            snprintf(item, sizeof item, "%s", luaL_typename(L, -1));
        if (lua_type(L, -2) == LUA_TSTRING)
            snprintf(entry, sizeof entry, "%s%.30s = %s", between, lua_tostring(L, -2), item);
        else
            snprintf(entry, sizeof entry, "%s%s", between, item);
        if (used + strlen(entry) > VALUE_TEXT - 8) {
            used += (size_t)snprintf(text + used, VALUE_TEXT - used, "%s…", between);
            lua_pop(L, 2);
            break;
        }
        used += (size_t)snprintf(text + used, VALUE_TEXT - used, "%s", entry);
        between = ", ";
    }
    snprintf(text + used, VALUE_TEXT - used, used > 1 ? " }" : "}");
}

// A value in a few words; NULL: functions and handles say nothing that the line does not. Calls
// nothing of the scene's (no __tostring).
static const char *value_text(lua_State *L, int at, char text[VALUE_TEXT])
{
    at = lua_absindex(L, at);
    if (lua_istable(L, at))
        table_text(L, at, text);
    else if (!plain_text(L, at, text, VALUE_TEXT))
        return NULL;
    return text;
}

// Whether the word stands in the line by itself.
static bool line_has(const char *line, size_t len, const char *word)
{
    size_t n = strlen(word);
#define LETTER(c)                                                                                  \
    (((c) >= 'a' && (c) <= 'z') || ((c) >= 'A' && (c) <= 'Z') || ((c) >= '0' && (c) <= '9') ||     \
     (c) == '_')
    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(line + i, word, n) == 0 && (i == 0 || !LETTER(line[i - 1])) &&
            (i + n == len || !LETTER(line[i + n])))
            return true;
#undef LETTER
    return false;
}

// The text of a line of the scene.
static const char *source_line(const struct play *p, uint32_t number, size_t *len)
{
    const char *line = p->request->text, *end = line + p->request->text_len;
    for (; number > 1 && line < end; number--) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        line = next ? next + 1 : end;
    }
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    *len = (size_t)((stop ? stop : end) - line);
    return line;
}

struct values {
    struct event *e;
    const char *line;
    size_t len;
    struct buf seen; // names put already, each between two newlines
};

// The value on top belongs to `name`: put it if the line speaks of it. Pops it.
static void put_value(lua_State *L, struct values *v, const char *name)
{
    char text[VALUE_TEXT], key[80];
    snprintf(key, sizeof key, "\n%.70s\n", name);
    const char *value = line_has(v->line, v->len, name) ? value_text(L, -1, text) : NULL;
    if (value && !strstr(buf_string(&v->seen), key)) {
        event_put_pair(v->e, EVENT_MAX, &v->e->as.expect.values, name, value);
        buf_text(&v->seen, key);
    }
    lua_pop(L, 1);
}

static void put_upvalues(lua_State *L, struct values *v, int function)
{
    const char *name;
    for (int i = 1; (name = lua_getupvalue(L, function, i)); i++)
        put_value(L, v, name);
}

// What the locals that the line of the check speaks of stand at; the innermost first.
static void put_values(lua_State *L, struct event *e, int function)
{
    struct play *p = bind_play(L);
    lua_Debug ar;
    struct values v = {.e = e};
    v.line = source_line(p, e->source ? 0 : e->line, &v.len);
    if (lua_isfunction(L, function))
        put_upvalues(L, &v, function);
    int level = 0;
    while (lua_getstack(L, level, &ar) && lua_getinfo(L, "S", &ar) && ar.source[0] != '@')
        level++;
    if (!e->source && lua_getstack(L, level, &ar)) {
        int count = 0;
        while (lua_getlocal(L, &ar, count + 1)) {
            lua_pop(L, 1);
            count++;
        }
        for (; count > 0; count--)
            put_value(L, &v, lua_getlocal(L, &ar, count));
        lua_getinfo(L, "f", &ar);
        put_upvalues(L, &v, lua_gettop(L));
    }
    buf_fini(&v.seen);
}

// check(ok, text, function or nil): logs the outcome of a check
static int sys_check(lua_State *L)
{
    struct play *p = bind_play(L);
    bool ok = lua_toboolean(L, 1);
    luaL_checkstring(L, 2);
    size_t len;
    const char *text = lua_tolstring(L, 2, &len);
    struct event *e = log_begin(&p->stage.log, EVENT_EXPECT, task_here(L), 0, 0);
    e->as.expect.ok = ok;
    event_put_text(e, EVENT_MAX, &e->as.expect.text, text, len);
    if (!ok)
        put_values(L, e, 3);
    p->checks++;
    p->failed += !ok;
    log_commit(&p->stage.log, e);
    return 0;
}

void bind_checks(lua_State *L)
{
    static const luaL_Reg sys[] = {{"check", sys_check}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
}
