// Implementation of programs.h.
#include "command/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/mem.h"
#include "event/launch.h"
#include "kernel/userland.h"

struct home {
    LIST_ENTRY(home) link;
    struct programs *programs; // (borrowed)
    uint32_t host;
    struct userland userland;
    struct err broken; // why there is none
    struct ev_io io;
};

// A program that was asked for, until it has ended.
struct run {
    LIST_ENTRY(run) link;
    struct home *home; // (borrowed)
    uint32_t number;
    int out, err; // what it prints, until the stage has them; -1
    void (*told)(void *arg, const struct control_message *m); // of a shell; NULL
    void *arg;
};

struct programs {
    struct ev_loop *loop;            // (borrowed)
    int control, user_ns;            // (borrowed)
    const struct permits *permits;   // (borrowed)
    struct control_message *message; // (owned) from userlands
    LIST_HEAD(, home) homes;
    LIST_HEAD(, run) runs;
    bool shell_expected;
};

struct programs *programs_new(struct ev_loop *loop, int control, int user_ns,
                              const struct permits *permits)
{
    struct programs *p = mem_new(sizeof *p);
    p->loop = loop;
    p->control = control;
    p->user_ns = user_ns;
    p->permits = permits;
    p->message = mem_new(sizeof *p->message);
    return p;
}

static void close_run(struct run *r)
{
    if (r->out >= 0)
        close(r->out);
    if (r->err >= 0)
        close(r->err);
    LIST_REMOVE(r, link);
    free(r);
}

void programs_free(struct programs *p)
{
    if (!p)
        return;
    for (struct run *r = LIST_FIRST(&p->runs), *next; r; r = next) {
        next = LIST_NEXT(r, link);
        close_run(r);
    }
    for (struct home *h = LIST_FIRST(&p->homes), *next; h; h = next) {
        next = LIST_NEXT(h, link);
        ev_io_stop(p->loop, &h->io);
        userland_end(&h->userland);
        free(h);
    }
    control_close_fds(p->message);
    free(p->message);
    free(p);
}

static void tell(struct programs *p, enum control_type type, uint32_t number, const char *text)
{
    control_post(p->control, type, number, text, strlen(text), NULL, 0);
}

static struct run *find_run(const struct programs *p, uint32_t number)
{
    struct run *r;
    LIST_FOREACH(r, &p->runs, link)
    if (r->number == number)
        return r;
    return NULL;
}

// The userland is gone: so is all that ran in it.
static void lose_home(struct home *h)
{
    struct programs *p = h->programs;
    struct run *r, *next;
    struct control_ended ended = {.status = SIGKILL, .host = h->host};
    ev_io_stop(p->loop, &h->io);
    userland_end(&h->userland);
    err_set(&h->broken, "the process in which programs of this host run died");
    for (r = LIST_FIRST(&p->runs); r; r = next) {
        next = LIST_NEXT(r, link);
        if (r->home != h)
            continue;
        if (r->out >= 0)
            tell(p, CONTROL_FAILED, r->number, h->broken.text);
        else
            control_post(p->control, CONTROL_ENDED, r->number, &ended, sizeof ended, NULL, 0);
        if (r->told)
            r->told(r->arg, NULL);
        close_run(r);
    }
}

static void from_home(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop, (void)revents;
    struct home *h = w->data;
    struct programs *p = h->programs;
    struct control_message *m = p->message;
    int got = control_receive(h->userland.control, m);
    if (got < 0)
        lose_home(h);
    if (got <= 0)
        return;
    struct run *r = find_run(p, m->number);
    int fds[2] = {r ? r->out : -1, r ? r->err : -1};
    bool with_fds = m->type == CONTROL_STARTED && fds[0] >= 0;
    control_post(p->control, m->type, m->number, m->bytes, m->len, fds, with_fds ? 2 : 0);
    if (r && r->told)
        r->told(r->arg, m);
    if (with_fds) {
        close(r->out);
        close(r->err);
        r->out = r->err = -1;
    } else if (r && m->type != CONTROL_STARTED) {
        close_run(r);
    }
}

static struct home *find_home(const struct programs *p, uint32_t host)
{
    struct home *h;
    LIST_FOREACH(h, &p->homes, link)
    if (h->host == host)
        return h;
    return NULL;
}

// Whoever has been allowed nothing makes no processes either.
static void take_host(struct programs *p, struct control_message *m)
{
    int net = control_take_fd(m, 0);
    size_t name_len = strlen(m->bytes);
    if (net >= 0 && name_len < m->len && !find_home(p, m->number) &&
        (permits_any(p->permits) || p->shell_expected)) {
        struct home *h = mem_new(sizeof *h);
        struct userland_place place = {.user_ns = p->user_ns,
                                       .net_ns = net,
                                       .host = m->number,
                                       .name = m->bytes,
                                       .hosts = m->bytes + name_len + 1};
        h->programs = p;
        h->host = m->number;
        LIST_INSERT_HEAD(&p->homes, h, link);
        ev_io_init(&h->io, from_home, -1, EV_READ);
        h->io.data = h;
        if (userland_start(&h->userland, &place, &h->broken) == 0) {
            ev_io_set(&h->io, h->userland.control, EV_READ);
            ev_io_start(p->loop, &h->io);
        }
    }
    if (net >= 0)
        close(net);
}

static struct run *add_run(struct home *h, uint32_t number)
{
    struct run *r = mem_new(sizeof *r);
    r->home = h;
    r->number = number;
    r->out = r->err = -1;
    LIST_INSERT_HEAD(&h->programs->runs, r, link);
    return r;
}

// Hands the file and the pipes to the userland; the ends to read from wait for its answer.
static int hand_over(struct run *r, struct launch *l, const char *path, struct err *err)
{
    int out[2] = {-1, -1}, errs[2] = {-1, -1}, failed = -1;
    struct buf bytes = {0};
    int file = open(path, O_PATH | O_CLOEXEC);
    l->path = path;
    launch_write(l, &bytes);
    if (file < 0)
        err_errno(err, "cannot open %.300s", path);
    else if (pipe2(out, O_CLOEXEC) != 0 || pipe2(errs, O_CLOEXEC) != 0)
        err_errno(err, "cannot make a pipe for %s", l->args[0]);
    else if (control_post(r->home->userland.control, CONTROL_RUN, r->number, bytes.ptr, bytes.len,
                          (int[]){file, out[1], errs[1]}, 3) != 0)
        err_errno(err, "cannot start %s", l->args[0]);
    else
        failed = 0;
    r->out = out[0];
    r->err = errs[0];
    int ours[] = {file, out[1], errs[1]};
    for (int i = 0; i < 3; i++)
        if (ours[i] >= 0)
            close(ours[i]);
    buf_fini(&bytes);
    return failed;
}

static void take_run(struct programs *p, const struct control_message *m)
{
    struct launch launch;
    struct err err;
    const char *path = NULL;
    if (find_run(p, m->number) || launch_read(&launch, m->bytes, m->len, &err) != 0 ||
        !(path = permits_path(p->permits, launch.args[0]))) {
        tell(p, CONTROL_FAILED, m->number, "the scene asks for a program that was not allowed");
        return;
    }
    struct home *h = find_home(p, launch.host);
    if (!h || h->broken.text[0]) {
        tell(p, CONTROL_FAILED, m->number, h ? h->broken.text : "there is no such host");
        return;
    }
    struct run *r = add_run(h, m->number);
    if (hand_over(r, &launch, path, &err) == 0)
        return;
    tell(p, CONTROL_FAILED, m->number, err.text);
    close_run(r);
}

bool programs_open_shell(struct programs *p, const struct control_shell *shell,
                         const char *terminal, void (*told)(void *, const struct control_message *),
                         void *arg)
{
    struct home *h = find_home(p, shell->host);
    if (!h || h->broken.text[0] || find_run(p, shell->program))
        return false;
    struct run *r = add_run(h, shell->program);
    r->told = told;
    r->arg = arg;
    return control_post(h->userland.control, CONTROL_SHELL, shell->program, terminal,
                        strlen(terminal), NULL, 0) == 0;
}

static void end_run(const struct run *r)
{
    control_post(r->home->userland.control, CONTROL_END, r->number, NULL, 0, NULL, 0);
}

void programs_end_shell(struct programs *p, uint32_t number)
{
    struct run *r = find_run(p, number);
    if (!r)
        return;
    r->told = NULL;
    end_run(r);
}

void programs_expect_shell(struct programs *p)
{
    p->shell_expected = true;
}

void programs_take(struct programs *p, struct control_message *m)
{
    const struct run *r = NULL;
    switch (m->type) {
    case CONTROL_HOST:
        take_host(p, m);
        break;
    case CONTROL_RUN:
        take_run(p, m);
        break;
    case CONTROL_END:
        if ((r = find_run(p, m->number)))
            end_run(r);
        break;
    }
}
