// Implementation of loop.h.
#include "script/loop.h"

#include <stdlib.h>

#include "base/mem.h"

void loop_begin(struct task *t)
{
    struct loop *l = mem_new(sizeof *l);
    l->task = t;
    LIST_INIT(&l->handlers);
    t->loop = l;
}

struct handler *loop_take(struct task *loop, lua_State *L, int nargs)
{
    struct handler *h = mem_new(sizeof *h);
    h->task = task_new_under(loop, L, nargs);
    h->task->handler = h;
    h->loop = loop->loop;
    LIST_INSERT_HEAD(&h->loop->handlers, h, link);
    return h;
}

int loop_run(lua_State *L, struct handler *h, bool in_time, lua_KContext ctx, lua_KFunction k)
{
    struct task *t = task_of(L), *to = h->task;
    heap_remove(&t->loop->limits, &h->limit);
    to->woke = in_time ? WAIT_READY : WAIT_TIMEOUT;
    if (h->wish != WISH_NONE)
        lua_pop(to->co, 1); // what it gave with its wish
    h->granted = in_time && h->wish == WISH_READ;
    h->wish = WISH_NONE;
    t->loop->current = h;
    to->aside = false;
    t->aside = true;
    task_switch(to);
    return lua_yieldk(L, 0, ctx, k);
}

bool loop_serves(const struct task *t, const struct sock *s)
{
    return t->handler && s->looped;
}

int loop_wish(lua_State *L, enum wish wish, lua_KContext ctx, lua_KFunction k)
{
    struct task *t = task_of(L);
    struct handler *h = t->handler;
    h->wish = wish;
    t->aside = true;
    if (t->deadline_ns != WAIT_FOREVER)
        heap_push(&h->loop->limits, &h->limit, t->deadline_ns);
    task_switch(h->loop->task);
    if (wish == WISH_TIME)
        lua_pushnil(L);
    else
        lua_pushvalue(L, 1);
    return lua_yieldk(L, 1, ctx, k);
}

struct handler *loop_next_limit(const struct loop *l)
{
    return (struct handler *)heap_first(&l->limits);
}

// Without it nobody would run them any more: they end too.
static void stop_handlers(struct loop *l)
{
    for (struct handler *h; (h = LIST_FIRST(&l->handlers));) {
        LIST_REMOVE(h, link);
        h->loop = NULL;
        heap_remove(&l->limits, &h->limit);
        task_stop(h->task);
    }
    heap_fini(&l->limits);
    free(l);
}

void loop_task_ended(struct task *t)
{
    struct handler *h = t->handler;
    if (t->loop)
        stop_handlers(t->loop);
    if (h && h->loop) {
        LIST_REMOVE(h, link);
        heap_remove(&h->loop->limits, &h->limit);
        h->loop->current = NULL;
        task_switch(h->loop->task);
    }
    free(h);
    t->loop = NULL;
    t->handler = NULL;
}
