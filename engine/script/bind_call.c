// Implementation of bind_call.h.
#include "script/bind_call.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "event/addr.h"
#include "event/fields.h"
#include "script/loop.h"
#include "script/meaning.h"
#include "script/play.h"

// What an operation on this socket is about, for messages: "connect to 10.1.0.1:8080".
static const char *describe(const struct sock *s, const char *call, char text[120])
{
    char peer[ADDR_TEXT];
    const char *to = s->conn ? addr_text(&s->conn->end[s->side].peer, peer) : "";
    snprintf(text, 120, "%s%s%s", call, *to ? " with " : "", to);
    return text;
}

static int all_results(lua_State *L, int status, lua_KContext results)
{
    (void)L, (void)status;
    return (int)results;
}

int bind_call_fail(lua_State *L, const struct sock *s, enum call call, int error, const char *code)
{
    char text[120];
    if (!code)
        code = bind_code(L, error);
    return bind_fail_saying(L, code, describe(s, names_of_call[call], text),
                            meaning_of(s->kind, call, error, code));
}

int bind_give_way(lua_State *L, int results)
{
    return task_give_way(L, results, all_results);
}

struct task *bind_call_start(lua_State *L, const struct sock *s)
{
    struct task *t = task_of(L);
    t->deadline_ns = s->timeout_ns ? bind_now(L) + s->timeout_ns : WAIT_FOREVER;
    t->actor.op = (struct actor_op){0};
    t->woke = WAIT_READY;
    task_here(L);
    return t;
}

int bind_call_ended(lua_State *L, struct sock *s, enum call call)
{
    struct task *t = task_of(L);
    if (t->woke == WAIT_GONE || s->fd < 0)
        return bind_call_fail(L, s, call, EBADF, NULL);
    if (t->woke == WAIT_TIMEOUT) {
        if (!loop_serves(t, s)) // else no call has waited, but the loop
            sock_give_up(s, task_actor(L), call);
        return t->kernels_limit ? bind_call_fail(L, s, call, t->actor.op.error, NULL)
                                : bind_call_fail(L, s, call, ETIMEDOUT, "timeout");
    }
    return 0;
}

bool bind_call_waits(lua_State *L, const struct sock *s)
{
    const struct task *t = task_of(L);
    return errno == EAGAIN && (t->actor.op.waiting || loop_serves(t, s));
}

bool bind_call_waits_first(lua_State *L, const struct sock *s)
{
    struct task *t = task_of(L);
    if (!loop_serves(t, s))
        return false;
    bool granted = t->handler->granted;
    t->handler->granted = false;
    return !granted;
}
