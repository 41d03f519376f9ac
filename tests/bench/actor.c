// actor: scenes/echo.lua written in C on stage/, without Lua: what a scene's calls would cost if
// its actors cost nothing.
//
//   actor [--bare] [rounds=N] [connections=N]
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "front.h"
#include "stage/stage.h"

#define MESSAGE 64
#define PORT 8080
#define QUIET_NS INT64_C(250000000)

struct peer {
    struct wait wait; // first: waits give it back by address
    TAILQ_ENTRY(peer) ready;
    struct echo *echo;
    struct actor actor;
    struct sock *sock;
    void (*go)(struct peer *);
    unsigned rounds;
    bool asked; // a client's message is on its way
};

struct echo {
    struct ring *ring;
    unsigned rounds, connections, open;
    struct stage stage;
    struct host *server, *client;
    TAILQ_HEAD(, peer) ready;
    uint32_t actors;
    struct ev_timer end;
};

static struct peer *peer_new(struct echo *e, struct sock *sock, void (*go)(struct peer *))
{
    struct peer *p = mem_new(sizeof *p);
    p->echo = e;
    p->sock = sock;
    p->go = go;
    p->actor.number = ++e->actors;
    TAILQ_INSERT_TAIL(&e->ready, p, ready);
    return p;
}

static void woken(struct wait *w, enum wait_result result)
{
    (void)result;
    struct peer *p = (struct peer *)w;
    TAILQ_INSERT_TAIL(&p->echo->ready, p, ready);
}

static void wait_to(struct peer *p, enum wait_for way)
{
    sock_wait(p->sock, &p->wait, way, WAIT_FOREVER, woken);
}

static void leave(struct peer *p)
{
    sock_close(p->sock, &p->actor, false);
    p->echo->open--;
}

static ssize_t take(struct peer *p, char message[MESSAGE])
{
    struct sock_message m = {.call = CALL_RECV};
    return sock_recv(p->sock, &p->actor, message, MESSAGE, &m);
}

static void answer(struct peer *p)
{
    char message[MESSAGE];
    ssize_t n;
    while ((n = take(p, message)) > 0) {
        p->actor.op = (struct actor_op){0};
        sock_send(p->sock, &p->actor, message, (size_t)n, NULL);
        p->actor.op = (struct actor_op){0};
    }
    if (n < 0 && p->actor.op.waiting)
        wait_to(p, WAIT_READ);
    else
        leave(p);
}

static void serve(struct peer *p)
{
    struct sock *made;
    while ((made = sock_accept(p->sock, &p->actor))) {
        p->actor.op = (struct actor_op){0};
        peer_new(p->echo, made, answer);
        p->echo->open++;
    }
    wait_to(p, WAIT_READ);
}

static void ask(struct peer *p)
{
    char message[MESSAGE] = "0123456789";
    while (p->rounds) {
        if (!p->asked) {
            p->actor.op = (struct actor_op){0};
            sock_send(p->sock, &p->actor, message, sizeof message, NULL);
            p->actor.op = (struct actor_op){0};
            p->asked = true;
        }
        if (take(p, message) < 0) {
            wait_to(p, WAIT_READ);
            return;
        }
        p->asked = false;
        p->rounds--;
    }
    leave(p);
}

static void reach(struct peer *p)
{
    struct addr to = p->echo->server->address;
    to.port = PORT;
    if (sock_connect(p->sock, &p->actor, &to) != 0) {
        wait_to(p, WAIT_WRITE);
        return;
    }
    p->go = ask;
    ask(p);
}

static bool run(void *arg)
{
    struct echo *e = arg;
    TAILQ_HEAD(, peer) now = TAILQ_HEAD_INITIALIZER(now);
    TAILQ_CONCAT(&now, &e->ready, ready);
    for (struct peer *p; (p = TAILQ_FIRST(&now));) {
        TAILQ_REMOVE(&now, p, ready);
        p->go(p);
    }
    return !TAILQ_EMPTY(&e->ready);
}

static void look_for_end(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)revents;
    struct echo *e = w->data;
    if (!e->open && stage_quiet(&e->stage, QUIET_NS))
        ev_break(loop, EVBREAK_ALL);
}

static int play(void *arg)
{
    struct echo *e = arg;
    struct err err;
    if (stage_init(&e->stage, e->ring, 96, false, &err) != 0)
        return 1;
    TAILQ_INIT(&e->ready);
    e->stage.run = run;
    e->stage.run_arg = e;
    e->server = stage_add_host(&e->stage, "server");
    e->client = stage_add_host(&e->stage, "client");
    stage_add_wire(&e->stage, "link", (struct host *[]){e->client, e->server}, 2, false);
    if (stage_build(&e->stage, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    struct actor main = {.number = ++e->actors};
    struct addr any = {.family = 4, .port = PORT};
    struct sock *listener = sock_open(e->server, &main, SOCKET_TCP, 0);
    if (!listener || sock_bind(listener, &main, &any) != 0 ||
        sock_listen(listener, &main, 128) != 0)
        return 1;
    peer_new(e, listener, serve);
    for (unsigned i = 0; i < e->connections; i++) {
        peer_new(e, sock_open(e->client, &main, SOCKET_TCP, 0), reach)->rounds = e->rounds;
        e->open++;
    }
    ev_timer_init(&e->end, look_for_end, 0.05, 0.05);
    e->end.data = e;
    ev_timer_start(e->stage.loop, &e->end);
    ev_run(e->stage.loop, 0);
    return 0;
}

int main(int argc, char **argv)
{
    static struct echo e = {.rounds = 100, .connections = 50};
    struct err err;
    bool bare = false;
    for (int i = 1; i < argc; i++) {
        bare |= strcmp(argv[i], "--bare") == 0;
        if (strncmp(argv[i], "rounds=", 7) == 0)
            e.rounds = (unsigned)atoi(argv[i] + 7);
        if (strncmp(argv[i], "connections=", 12) == 0)
            e.connections = (unsigned)atoi(argv[i] + 12);
    }
    if (!(e.ring = ring_new(&err)))
        return 1;
    return front_run(play, &e, e.ring, bare, -1);
}
