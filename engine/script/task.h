// task: the actors of a scene as Lua coroutines, and when each runs.
//
// Theory of operation. One place resumes coroutines (tasks_run). Whatever wakes an actor only
// queues its task; the queue is drained at depth one, in order. A binding that has to wait arms the
// task's one wait and yields as its last act; its continuation finds in task->woke how the wait
// ended. However a task ends (return, error, stop, watchdog), its wait is disarmed here, its
// <close> variables run, and those that joined it wake.
//
// A scene has no coroutines of its own, so lua_getextraspace() of a running coroutine is always its
// task.
#pragma once

#include <lua.h>
#include <sys/queue.h>

#include "stage/stage.h"

struct handler;
struct loop;
struct play;
struct tasks;

#define FAILURE_MAX 200

struct task {
    struct wait wait; // first: waits give it back by address
    TAILQ_ENTRY(task) ready_link, link;
    struct tasks *tasks; // (borrowed)
    lua_State *co;       // NULL when it has ended
    int co_ref;          // keeps the coroutine
    int result_ref;      // its function's first result, LUA_NOREF while it runs
    struct actor actor;
    const char *name;  // (borrowed from tasks->names)
    struct host *host; // (borrowed) NULL: on none
    enum actor_role role;
    enum actor_ended ended;
    bool queued, stop_asked, handle; // handle: Lua still has one
    bool aside;                      // another task acts in its place (loop.h)
    struct loop *loop;               // (owned) NULL: it is no event loop
    struct handler *handler;         // (owned) NULL: it is no handler of one
    enum wait_result woke;
    const char *waits_for;   // what it waits for, in words; NULL: it does not wait
    enum call waits_in;      // the system call it waits in; CALL_NONE: none
    int64_t deadline_ns;     // of the operation under way
    bool kernels_limit;      // it waits no longer than the kernel would, see sock_limit_ns()
    struct ready_source end; // for those who join
    struct {
        char *sentence; // (owned) of the last call that failed, FAILURE_MAX; NULL: none did
        uint32_t line;
    } failure;
};

TAILQ_HEAD(task_list, task);

struct tasks {
    struct play *play; // (borrowed)
    lua_State *L;      // (borrowed) the main state
    struct task_list all, ready;
    struct used_name *names; // (owned) that actors have or had
    struct task *next;       // (borrowed) runs before those that are ready; NULL: none
    unsigned switches;       // of that kind in this turn
    uint32_t last_number;
    uint32_t starved; // how many died for want of memory
    uint32_t alive[ROLE_COUNT];
    struct task nobody; // what functions run as that are called on no actor's behalf
};

void tasks_init(struct tasks *ts, struct play *play, lua_State *L);
void tasks_fini(struct tasks *ts); // stops all; before lua_close()

// Takes a function and `nargs` arguments from the top of L; runs when its maker next waits. `name`
// is made unique.
struct task *task_new(struct tasks *ts, lua_State *L, int nargs, const char *name,
                      enum actor_role role, struct host *host);

// The same, but it acts under the name of `other`, and waits until it is run (loop.h).
struct task *task_new_under(struct task *other, lua_State *L, int nargs);

void task_log(const struct task *t); // an `actor` event: it began, or how it ended

void tasks_make_nobody(struct tasks *ts, lua_State *L); // its coroutine, which is never resumed

struct task *task_of(lua_State *L);     // the one that runs L
struct actor *task_here(lua_State *L);  // its actor, with the line of the scene it is in now
struct actor *task_actor(lua_State *L); // the same, at the line where the operation began

// Runs those that are ready now, in order, but not too many; true if some are ready afterwards.
bool tasks_run(struct tasks *ts);

void task_switch(struct task *to); // runs next, as soon as the one that calls this waits
void task_stop(struct task *t);    // ends before it runs again; nothing if it has ended

// Waits; the last thing a binding does: `return task_wait…(…)`. The continuation looks at
// task->woke. Raises where Lua cannot yield. `what` is a literal: what the actor waits for.
struct task *task_may_wait(lua_State *L); // raises, before anything was begun
int task_wait_sock(lua_State *L, struct sock *s, enum call call, lua_KContext ctx,
                   lua_KFunction k); // until task->deadline_ns
int task_wait_many(lua_State *L, struct ready_source *source, int fd, enum call call,
                   lua_KContext ctx, lua_KFunction k); // the same; `fd` of the source, -1: none
int task_wait_source(lua_State *L, struct ready_source *source, const char *what,
                     int64_t deadline_ns, lua_KContext ctx, lua_KFunction k);
int task_wait_fd(lua_State *L, struct ready_source *source, int fd, enum wait_for way,
                 const char *what, lua_KContext ctx, lua_KFunction k); // no socket of the scene's
int task_sleep(lua_State *L, int64_t until_ns, lua_KContext ctx, lua_KFunction k);
int task_give_way(lua_State *L, lua_KContext ctx, lua_KFunction k); // lets the loop turn once

void task_unref_handle(struct task *t); // the Lua handle is gone
