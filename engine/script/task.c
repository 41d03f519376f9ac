// Implementation of task.h.
#include "script/task.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/mem.h"
#include "event/fields.h"
#include "script/fault.h"
#include "script/loop.h"
#include "script/play.h"
#include "script/watchdog.h"

// In one turn of the loop, so that however many are ready, packets arrive in time.
#define RUNS_MAX 64
#define SWITCHES_MAX 64

void tasks_init(struct tasks *ts, struct play *play, lua_State *L)
{
    *ts = (struct tasks){.play = play, .L = L};
    TAILQ_INIT(&ts->all);
    TAILQ_INIT(&ts->ready);
}

struct task *task_of(lua_State *L)
{
    return *(struct task **)lua_getextraspace(L);
}

struct actor *task_here(lua_State *L)
{
    struct task *t = task_of(L);
    struct fault_place place = fault_place(L, t->tasks->play);
    t->actor.source = place.source;
    t->actor.line = place.line;
    return &t->actor;
}

void tasks_make_nobody(struct tasks *ts, lua_State *L)
{
    ts->nobody.tasks = ts;
    ts->nobody.co = lua_newthread(L);
    *(struct task **)lua_getextraspace(ts->nobody.co) = &ts->nobody;
    ts->nobody.co_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

struct actor *task_actor(lua_State *L)
{
    return &task_of(L)->actor;
}

// A name that an actor has, or had: none is used twice.
struct used_name {
    UT_hash_handle hh;
    unsigned times; // it was asked for
    char text[];
};

static struct used_name *find_name(const struct tasks *ts, const char *text)
{
    struct used_name *found;
    HASH_FIND_STR(ts->names, text, found);
    return found;
}

static const char *use_name(struct tasks *ts, const char *text)
{
    size_t len = strlen(text);
    struct used_name *n = mem_new(sizeof *n + len + 1);
    memcpy(n->text, text, len + 1);
    n->times = 1;
    HASH_ADD_STR(ts->names, text, n);
    return n->text;
}

static const char *unique_name(struct tasks *ts, const char *name)
{
    char plain[240], text[256];
    snprintf(plain, sizeof plain, "%s", name);
    struct used_name *used = find_name(ts, plain);
    if (!used)
        return use_name(ts, plain);
    do
        snprintf(text, sizeof text, "%s#%u", plain, ++used->times);
    while (find_name(ts, text));
    return use_name(ts, text);
}

static void forget_names(struct tasks *ts)
{
    struct used_name *n, *next;
    HASH_ITER(hh, ts->names, n, next) {
        HASH_DEL(ts->names, n); // NOLINT(clang-analyzer-unix.Malloc): lost in uthash's macros
        free(n);
    }
}

void task_log(const struct task *t)
{
    struct log *log = &t->tasks->play->stage.log;
    struct event *e = log_begin(log, EVENT_ACTOR, &t->actor, t->host ? t->host->number : 0, 0);
    e->as.actor.role = t->role;
    e->as.actor.ended = t->ended;
    event_put_text(e, EVENT_MAX, &e->as.actor.name, t->name, strlen(t->name));
    log_commit(log, e);
}

static void queue(struct task *t)
{
    if (t->queued || !t->co)
        return;
    t->queued = true;
    TAILQ_INSERT_TAIL(&t->tasks->ready, t, ready_link);
}

static struct task *make(struct tasks *ts, lua_State *L, int nargs, enum actor_role role,
                         struct host *host)
{
    struct task *t = mem_new(sizeof *t);
    t->tasks = ts;
    t->role = role;
    t->host = host;
    t->result_ref = LUA_NOREF;
    ready_source_init(&t->end);
    t->co = lua_newthread(L);
    *(struct task **)lua_getextraspace(t->co) = t;
    t->co_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_xmove(L, t->co, nargs + 1);
    TAILQ_INSERT_TAIL(&ts->all, t, link);
    ts->alive[role]++;
    return t;
}

struct task *task_new(struct tasks *ts, lua_State *L, int nargs, const char *name,
                      enum actor_role role, struct host *host)
{
    struct task *t = make(ts, L, nargs, role, host);
    t->name = unique_name(ts, name);
    t->actor.number = ++ts->last_number;
    queue(t);
    return t;
}

struct task *task_new_under(struct task *other, lua_State *L, int nargs)
{
    struct task *t = make(other->tasks, L, nargs, other->role, other->host);
    t->name = other->name;
    t->actor.number = other->actor.number;
    t->aside = true;
    return t;
}

static void free_task(struct task *t)
{
    luaL_unref(t->tasks->L, LUA_REGISTRYINDEX, t->result_ref);
    TAILQ_REMOVE(&t->tasks->all, t, link);
    free(t->failure.sentence);
    free(t);
}

// The coroutine is over, however that came: its <close> variables have run.
static void bury(struct task *t, enum actor_ended ended)
{
    struct tasks *ts = t->tasks;
    wait_stop(&t->wait);
    if (t->queued)
        TAILQ_REMOVE(&ts->ready, t, ready_link);
    t->queued = false;
    t->waits_for = NULL;
    luaL_unref(ts->L, LUA_REGISTRYINDEX, t->co_ref);
    t->co = NULL;
    t->ended = ended;
    ts->alive[t->role]--;
    if (!t->handler)
        task_log(t);
    loop_task_ended(t);
    ready_source_wake(&t->end);
    if (ended == ENDED_ERROR && (t->role == ROLE_MAIN || ts->play->machine_failed))
        play_fail(ts->play);
    if (!t->handle)
        free_task(t);
}

// Unwinds the coroutine, so that its <close> variables run. One that has failed comes back with its
// own `error` again, unless a <close> has failed too.
static void unwind(struct task *t, const char *error)
{
    watchdog_enter(t->co, &t->actor);
    bool failed = lua_resetthread(t->co) != LUA_OK;
    bool overrun = watchdog_leave();
    const char *message = failed ? fault_message(t->co) : NULL;
    if (failed && (!error || strcmp(error, message) != 0))
        fault_log(t, message, overrun ? watchdog_line() : 0);
}

static void end_with_error(struct task *t, const char *message, uint32_t line)
{
    char *kept = mem_text(message, strlen(message)); // unwinding may collect it
    fault_log(t, kept, line);                        // before unwinding: it shows where
    unwind(t, kept);
    free(kept);
    bury(t, ENDED_ERROR);
}

static void finish(struct task *t, int results)
{
    if (results > 0) {
        lua_settop(t->co, -results); // the first stays on top
        lua_xmove(t->co, t->tasks->L, 1);
        t->result_ref = luaL_ref(t->tasks->L, LUA_REGISTRYINDEX);
    }
    bury(t, ENDED_NORMAL);
}

static void resume(struct task *t)
{
    int results = 0;
    bool first = lua_status(t->co) == LUA_OK;
    int nargs = first ? lua_gettop(t->co) - 1 : 0;
    if (first && t->role != ROLE_MAIN && !t->handler) // main is introduced with the scene
        task_log(t);
    t->waits_for = NULL;
    t->waits_in = CALL_NONE;
    watchdog_enter(t->co, &t->actor);
    int status = lua_resume(t->co, NULL, nargs, &results);
    bool overrun = watchdog_leave();
    if (overrun && status == LUA_YIELD) {
        char text[120];
        snprintf(text, sizeof text,
                 "computed for more than %d s without waiting: is there a loop without an end?",
                 WATCHDOG_LIMIT_S);
        end_with_error(t, text, watchdog_line());
    } else if (status == LUA_YIELD) {
        if (!t->aside) // else they are for the one that acts now
            lua_pop(t->co, results);
    } else if (status == LUA_OK) {
        finish(t, results);
    } else {
        struct tasks *ts = t->tasks;
        end_with_error(t, fault_message(t->co), 0);
        if (status == LUA_ERRMEM && ++ts->starved > 1) // one may be greedy; after two all starve
            play_fail(ts->play);
    }
}

static struct task *take_next(struct tasks *ts, struct task_list *now)
{
    struct task *t = ts->next;
    ts->next = NULL;
    if (t || !(t = TAILQ_FIRST(now)))
        return t;
    TAILQ_REMOVE(now, t, ready_link);
    t->queued = false;
    return t;
}

bool tasks_run(struct tasks *ts)
{
    struct task_list now;
    TAILQ_INIT(&now);
    TAILQ_CONCAT(&now, &ts->ready, ready_link); // those queued meanwhile wait for the next turn
    ts->switches = 0;
    for (unsigned runs = 0; !ts->play->over && (runs < RUNS_MAX || ts->next); runs++) {
        struct task *t = take_next(ts, &now);
        if (!t)
            break;
        if (t->stop_asked) {
            wait_stop(&t->wait);
            unwind(t, NULL);
            bury(t, ENDED_STOPPED);
        } else {
            resume(t);
        }
    }
    TAILQ_CONCAT(&now, &ts->ready, ready_link); // what was left of them stays in front
    TAILQ_CONCAT(&ts->ready, &now, ready_link);
    return !TAILQ_EMPTY(&ts->ready);
}

void task_switch(struct task *to)
{
    if (to->queued) // to be stopped
        return;
    if (to->tasks->switches++ < SWITCHES_MAX)
        to->tasks->next = to;
    else
        queue(to);
}

void task_stop(struct task *t)
{
    t->stop_asked = true;
    queue(t);
}

void tasks_fini(struct tasks *ts)
{
    for (struct task *t = TAILQ_FIRST(&ts->all), *next; t; t = next) {
        next = TAILQ_NEXT(t, link);
        if (!t->co)
            continue;
        wait_stop(&t->wait);
        unwind(t, NULL);
        bury(t, ENDED_STOPPED);
    }
    forget_names(ts);
}

void task_unref_handle(struct task *t)
{
    t->handle = false;
    if (!t->co)
        free_task(t);
}

static void woken(struct wait *w, enum wait_result result)
{
    struct task *t = (struct task *)w;
    t->woke = result;
    queue(t);
}

struct task *task_may_wait(lua_State *L)
{
    if (!lua_isyieldable(L))
        luaL_error(
            L,
            "nothing may wait here (inside table.sort, string.gsub, tostring, a filter, an expect "
            "function, or a <close> run by stop())");
    return task_of(L);
}

int task_wait_sock(lua_State *L, struct sock *s, enum call call, lua_KContext ctx, lua_KFunction k)
{
    struct task *t = task_may_wait(L);
    t->waits_for = names_of_call[call];
    t->waits_in = call;
    bool writes = call == CALL_CONNECT || call == CALL_SEND || call == CALL_SENDTO;
    enum wait_for way = writes ? WAIT_WRITE : WAIT_READ;
    t->kernels_limit = false;
    if (loop_serves(t, s) && s->fd >= 0)
        return loop_wish(L, writes ? WISH_WRITE : WISH_READ, ctx, k);
    // What a blocking send(2) would take in one call takes several here; all share its time.
    int64_t limit_ns = sock_limit_ns(s, call);
    int64_t deadline_ns = (writes ? t->actor.op.began_ns : t->actor.op.since_ns) + limit_ns;
    t->kernels_limit = limit_ns > 0 && deadline_ns < t->deadline_ns;
    sock_wait(s, &t->wait, way, t->kernels_limit ? deadline_ns : t->deadline_ns, woken);
    return lua_yieldk(L, 0, ctx, k);
}

int task_wait_many(lua_State *L, struct ready_source *source, int fd, enum call call,
                   lua_KContext ctx, lua_KFunction k)
{
    struct task *t = task_may_wait(L);
    t->waits_for = names_of_call[call];
    t->waits_in = call;
    ready_wait(&t->tasks->play->stage.ready, &t->wait, source, fd, WAIT_READ, t->deadline_ns,
               woken);
    return lua_yieldk(L, 0, ctx, k);
}

int task_wait_source(lua_State *L, struct ready_source *source, const char *what,
                     int64_t deadline_ns, lua_KContext ctx, lua_KFunction k)
{
    struct task *t = task_may_wait(L);
    task_here(L); // where it waits
    t->waits_for = what;
    t->waits_in = CALL_NONE;
    ready_wait(&t->tasks->play->stage.ready, &t->wait, source, -1, WAIT_READ, deadline_ns, woken);
    return lua_yieldk(L, 0, ctx, k);
}

int task_wait_fd(lua_State *L, struct ready_source *source, int fd, enum wait_for way,
                 const char *what, lua_KContext ctx, lua_KFunction k)
{
    struct task *t = task_may_wait(L);
    t->waits_for = what;
    t->waits_in = way == WAIT_READ ? CALL_RECV : CALL_SEND;
    ready_wait(&t->tasks->play->stage.ready, &t->wait, source, fd, way, WAIT_FOREVER, woken);
    return lua_yieldk(L, 0, ctx, k);
}

int task_sleep(lua_State *L, int64_t until_ns, lua_KContext ctx, lua_KFunction k)
{
    struct task *t = task_may_wait(L);
    if (!t->handler)
        return task_wait_source(L, NULL, "sleep", until_ns, ctx, k);
    task_here(L);
    t->deadline_ns = until_ns;
    return loop_wish(L, WISH_TIME, ctx, k);
}

int task_give_way(lua_State *L, lua_KContext ctx, lua_KFunction k)
{
    struct task *t = task_of(L);
    if (!lua_isyieldable(L)) // nothing is lost: it may not wait, but it need not
        return k(L, LUA_OK, ctx);
    queue(t);
    return lua_yieldk(L, 0, ctx, k);
}
