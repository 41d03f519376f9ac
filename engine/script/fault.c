// Implementation of fault.h.
#include "script/fault.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "script/play.h"
#include "script/vm.h"

struct fault_place fault_place(lua_State *L, const struct play *play)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sl", &ar) || ar.source[0] != '@' || ar.currentline <= 0)
            continue;
        int source = play_source(play, ar.source + 1);
        if (source >= 0)
            return (struct fault_place){(uint16_t)source, (uint32_t)ar.currentline};
    }
    return (struct fault_place){0};
}

static void put_place(struct buf *text, const struct play *play, struct fault_place place)
{
    if (place.line)
        buf_printf(text, "%s:%u: ", play_source_name(play, place.source), place.line);
}

int fault_misuse(lua_State *L, const char *format, ...)
{
    struct buf text = {0};
    const struct play *play = task_of(L)->tasks->play;
    put_place(&text, play, fault_place(L, play));
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    lua_pushlstring(L, text.ptr, text.len);
    buf_fini(&text);
    lua_error(L); // does not return, though it is not declared so
    __builtin_unreachable();
}

// Messages raised inside the prelude name a place the presenter has never seen: puts her own there.
static const char *without_engine_place(const char *message, bool *was_engine)
{
    *was_engine = strncmp(message, "[engine]:", 9) == 0;
    if (!*was_engine)
        return message;
    const char *end = strstr(message + 9, ": ");
    return end ? end + 2 : message;
}

// The name in "(local 'name')" and the like at the end of Lua's message; false if there is none.
static bool variable_of(const char *message, char name[64])
{
    const char *start = strchr(message, '\'');
    const char *end = start ? strchr(start + 1, '\'') : NULL;
    if (!end || end - start > 63)
        return false;
    snprintf(name, 64, "%.*s", (int)(end - start - 1), start + 1);
    return true;
}

static bool is_api_name(lua_State *L, const char *name)
{
    vm_push_api(L);
    lua_getfield(L, -1, name);
    bool is = !lua_isnil(L, -1);
    lua_pop(L, 2);
    return is;
}

const char fault_concat_hint[] = "; a call without parentheses takes only the text behind it: "
                                 "write say(\"a\" .. b) instead of say \"a\" .. b";

// The usual slips, each with the way out.
static void put_hint(struct buf *text, struct task *t, const char *message)
{
    char name[64];
    const char *about_nil = strstr(message, "a nil value");
    if (strstr(message, "attempt to call a ") && !about_nil && variable_of(message, name) &&
        is_api_name(t->tasks->L, name))
        buf_printf(text,
                   "; `%s` here is a variable that hides the function %s(): give it another name",
                   name, name);
    else if (about_nil && strstr(message, "attempt to concatenate") && !strchr(message, '\''))
        buf_text(text, fault_concat_hint);
    else if (about_nil && t->failure.sentence)
        buf_printf(text, "; nothing came back because of line %u: %s", t->failure.line,
                   t->failure.sentence);
}

static void put_traceback(struct buf *text, struct task *t)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(t->co, level, &ar) && text->len < 4096; level++) {
        if (!lua_getinfo(t->co, "Sln", &ar) || ar.source[0] != '@' || ar.currentline <= 0)
            continue;
        buf_printf(text, "%s%s:%d%s%s", text->len ? "\n" : "", ar.source + 1, ar.currentline,
                   ar.name ? " in " : "", ar.name ? ar.name : "");
    }
}

const char *fault_message(lua_State *co)
{
#define SENTENCE(what) what " was raised as an error: raise a text, so that it can be shown"
    switch (lua_type(co, -1)) {
    case LUA_TSTRING:
    case LUA_TNUMBER:
        return lua_tostring(co, -1);
    case LUA_TNIL:
        return SENTENCE("nil");
    case LUA_TBOOLEAN:
        return SENTENCE("a boolean");
    case LUA_TTABLE:
        return SENTENCE("a table");
    case LUA_TFUNCTION:
        return SENTENCE("a function");
    default:
        return SENTENCE("a handle");
    }
#undef SENTENCE
}

// Whether the message begins with a place in one of the scene's files.
static bool has_place(const struct play *play, const char *message)
{
    for (size_t i = 0; i < play->source_count; i++) {
        size_t len = strlen(play->sources[i]);
        if (strncmp(message, play->sources[i], len) == 0 && message[len] == ':' &&
            isdigit((unsigned char)message[len + 1]))
            return true;
    }
    return false;
}

void fault_log(struct task *t, const char *message, uint32_t line)
{
    const struct play *play = t->tasks->play;
    struct fault_place place = fault_place(t->co, play);
    if (line)
        place.line = line;
    struct buf text = {0}, where = {0};
    bool was_engine;
    const char *plain = without_engine_place(message, &was_engine);
    // An error of memory, and the watchdog's, come without a place.
    if (!has_place(play, plain))
        put_place(&text, play, place);
    if (strstr(plain, "not enough memory"))
        buf_printf(
            &text,
            "the scene needs more than %d MiB of memory: is something growing without an end?",
            VM_MEMORY_MAX >> 20);
    else
        buf_text(&text, plain);
    put_hint(&text, t, plain);
    put_traceback(&where, t);
    if (where.len && !memchr(where.ptr, '\n', where.len)) // the message has that line already
        where.len = 0;
    t->actor.source = place.source;
    t->actor.line = place.line;
    log_error(&t->tasks->play->stage.log, &t->actor, t->host ? t->host->number : 0,
              buf_string(&text), where.len ? buf_string(&where) : NULL);
    buf_fini(&text);
    buf_fini(&where);
}
