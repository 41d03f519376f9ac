// loop: one actor that serves many connections, as a server around poll(2) or epoll(7) does.
//
// Theory of operation. Each handler is a task with a coroutine of its own, but acts under the name
// of the loop, and of the loop and its handlers only one runs at any time: it has control. The loop
// hands control to a handler (loop_run) and stands aside until the handler gives it back, by ending
// or by a wish: for a socket that can be read or written, or for a time to pass. What the loop does
// about wishes is prelude/serve.lua. Whatever else a handler waits for, it keeps control, and the
// whole loop stands still, as event loops do.
//
// Only sockets that were put under the loop (sock.looped) give control back; another one blocks.
#pragma once

#include <sys/queue.h>

#include "base/heap.h"
#include "script/task.h"

enum wish { WISH_NONE, WISH_READ, WISH_WRITE, WISH_TIME };

// Of a task that is a handler.
struct handler {
    struct heap_entry limit; // first: the heap gives it back by address. Of its wish
    LIST_ENTRY(handler) link;
    struct task *task; // (borrowed)
    struct loop *loop; // (borrowed) NULL: it has ended
    enum wish wish;    // why it stands aside
    bool granted;      // its wish to read has come true
};

// Of a task that is a loop.
struct loop {
    struct task *task;  // (borrowed)
    struct heap limits; // of its handlers' wishes
    LIST_HEAD(, handler) handlers;
    struct handler *current; // (borrowed) that was run last; NULL: it has ended
};

void loop_begin(struct task *t); // from here on it is a loop

// A handler of the loop: takes a function and `nargs` arguments from the top of L. It begins when
// it is run, and is gone when it has ended.
struct handler *loop_take(struct task *loop, lua_State *L, int nargs);

// Hands control to the handler, the loop's; `in_time`: not because its limit is over. The last
// thing a binding does; when its continuation runs, loop->current is NULL if the handler has ended,
// else its wish is made, and the socket of that wish (nil for a time) is on top of its stack until
// it is run again.
int loop_run(lua_State *L, struct handler *h, bool in_time, lua_KContext ctx, lua_KFunction k);

// Whether the task gives control back when it has to wait for the socket.
bool loop_serves(const struct task *t, const struct sock *s);

// Gives control back; the last thing a binding does. The socket, if it is one, is the binding's
// first argument. What the continuation finds in task->woke is as after a wait.
int loop_wish(lua_State *L, enum wish wish, lua_KContext ctx, lua_KFunction k);

struct handler *loop_next_limit(const struct loop *l); // whose limit is over first; NULL: none

void loop_task_ended(struct task *t); // nothing if it is neither loop nor handler
