// Implementation of programs.h.
#include "command/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "command/package.h"
#include "event/launch.h"
#include "kernel/userland.h"

// Folders of programs for administrators, which not everybody has in PATH.
#define MORE_FOLDERS ":/usr/local/sbin:/usr/sbin:/sbin"

// A program that the user has allowed, under the name that the scene has for it.
struct grant {
    LIST_ENTRY(grant) link;
    char *name, *path; // (owned)
};

// A question of the stage that waits for the user's answer.
struct request {
    TAILQ_ENTRY(request) link;
    uint32_t number;
    char *name, *path, *text; // (owned)
};

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
};

struct programs {
    struct ev_loop *loop; // (borrowed)
    int control, user_ns; // (borrowed)
    const struct allowance *allowance;
    struct control_message *message; // (owned) from userlands
    LIST_HEAD(, grant) grants;
    TAILQ_HEAD(, request) requests;
    LIST_HEAD(, home) homes;
    LIST_HEAD(, run) runs;
    struct err refusal;
};

void allowance_add(struct allowance *a, const char *program)
{
    a->programs = mem_resize(a->programs, (a->count + 1) * sizeof *a->programs);
    a->programs[a->count++] = program;
}

void allowance_fini(struct allowance *a)
{
    free(a->programs);
    *a = (struct allowance){0};
}

struct programs *programs_new(struct ev_loop *loop, int control, int user_ns,
                              const struct allowance *allowance)
{
    struct programs *p = mem_new(sizeof *p);
    p->loop = loop;
    p->control = control;
    p->user_ns = user_ns;
    p->allowance = allowance;
    p->message = mem_new(sizeof *p->message);
    TAILQ_INIT(&p->requests);
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

static void free_request(struct programs *p, struct request *r)
{
    TAILQ_REMOVE(&p->requests, r, link);
    free(r->name);
    free(r->path);
    free(r->text);
    free(r);
}

void programs_free(struct programs *p)
{
    if (!p)
        return;
    while (!LIST_EMPTY(&p->runs))
        close_run(LIST_FIRST(&p->runs));
    while (!TAILQ_EMPTY(&p->requests))
        free_request(p, TAILQ_FIRST(&p->requests));
    for (struct grant *g = LIST_FIRST(&p->grants), *next; g; g = next) {
        next = LIST_NEXT(g, link);
        free(g->name);
        free(g->path);
        free(g);
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

// ---------------------------------------------------------------- what is allowed

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

// Where the program of that name is; false if it is nowhere.
static bool find(const char *name, char path[PATH_MAX])
{
    const char *own = getenv("PATH");
    char folders[8192];
    if (strchr(name, '/'))
        return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && is_program(path);
    snprintf(folders, sizeof folders, "%s" MORE_FOLDERS, own ? own : "/usr/bin:/bin");
    for (const char *at = folders; *at; at += *at == ':') {
        int len = (int)strcspn(at, ":");
        if (len && snprintf(path, PATH_MAX, "%.*s/%s", len, at, name) < PATH_MAX &&
            is_program(path))
            return true;
        at += len;
    }
    return false;
}

// What --allow-run says of it: a name as it is, or a path that ends in the name.
static const char *allowed_as(const struct programs *p, const char *name)
{
    for (size_t i = 0; i < p->allowance->count; i++) {
        const char *given = p->allowance->programs[i], *slash = strrchr(given, '/');
        if (strcmp(given, name) == 0 || (slash && strcmp(slash + 1, name) == 0))
            return given;
    }
    return NULL;
}

static const struct grant *granted(const struct programs *p, const char *name)
{
    const struct grant *g;
    LIST_FOREACH(g, &p->grants, link)
    if (strcmp(g->name, name) == 0)
        return g;
    return NULL;
}

static void grant(struct programs *p, const char *name, const char *path)
{
    struct grant *g = mem_new(sizeof *g);
    g->name = mem_text(name, strlen(name));
    g->path = mem_text(path, strlen(path));
    LIST_INSERT_HEAD(&p->grants, g, link);
}

static void tell(struct programs *p, enum control_type type, uint32_t number, const char *text)
{
    control_post(p->control, type, number, text, strlen(text), NULL, 0);
}

static void refuse(struct programs *p, enum control_type type, uint32_t number)
{
    tell(p, type, number, p->refusal.text);
}

static void forbid(struct programs *p, const char *name, uint32_t number)
{
    err_set(&p->refusal,
            "the scene wants to run the program %.200s in its hosts; to allow that, give "
            "--allow-run %.200s",
            name, name);
    refuse(p, CONTROL_FORBIDDEN, number);
}

static void ask(struct programs *p, const char *name, const char *path, uint32_t number)
{
    char text[2 * PATH_MAX];
    struct request *r = mem_new(sizeof *r);
    int len = snprintf(text, sizeof text,
                       "This scene wants to run the program %s in its hosts (%s).\n"
                       "It would see neither your files nor any network but the scene's. Allow it? "
                       "y/n",
                       name, path);
    r->number = number;
    r->name = mem_text(name, strlen(name));
    r->path = mem_text(path, strlen(path));
    r->text = mem_text(text, (size_t)len);
    TAILQ_INSERT_TAIL(&p->requests, r, link);
}

static void take_need(struct programs *p, const struct control_message *m)
{
    const char *name = m->bytes, *as = allowed_as(p, name);
    char path[PATH_MAX];
    if (granted(p, name)) {
        tell(p, CONTROL_GRANTED, m->number, "");
    } else if (!find(as ? as : name, path)) {
        package_missing(name, &p->refusal);
        refuse(p, CONTROL_REFUSED, m->number);
    } else if (as) {
        grant(p, name, path);
        tell(p, CONTROL_GRANTED, m->number, "");
    } else if (p->allowance->ask) {
        ask(p, name, path, m->number);
    } else {
        forbid(p, name, m->number);
    }
}

const char *programs_question(const struct programs *p)
{
    const struct request *r = TAILQ_FIRST(&p->requests);
    return r ? r->text : NULL;
}

void programs_answer(struct programs *p, bool yes)
{
    struct request *r = TAILQ_FIRST(&p->requests);
    if (!r)
        return;
    if (yes && !granted(p, r->name))
        grant(p, r->name, r->path);
    if (yes)
        tell(p, CONTROL_GRANTED, r->number, "");
    else
        forbid(p, r->name, r->number);
    free_request(p, r);
}

const char *programs_refusal(const struct programs *p)
{
    return p->refusal.text[0] ? p->refusal.text : NULL;
}

// ---------------------------------------------------------------- what runs

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
    if (with_fds) {
        close(r->out);
        close(r->err);
        r->out = r->err = -1;
    } else if (r) {
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
    if (net >= 0 && name_len < m->len && !find_home(p, m->number) && !LIST_EMPTY(&p->grants)) {
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

// Hands the file and the pipes to the userland; the ends to read from wait for its answer.
static int hand_over(struct run *r, struct launch *l, const struct grant *g, struct err *err)
{
    int out[2] = {-1, -1}, errs[2] = {-1, -1}, failed = -1;
    struct buf bytes = {0};
    int file = open(g->path, O_PATH | O_CLOEXEC);
    l->path = g->path;
    launch_write(l, &bytes);
    if (file < 0)
        err_errno(err, "cannot open %.300s", g->path);
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
    const struct grant *g = NULL;
    if (find_run(p, m->number) || launch_read(&launch, m->bytes, m->len, &err) != 0 ||
        !(g = granted(p, launch.args[0]))) {
        tell(p, CONTROL_FAILED, m->number, "the scene asks for a program that was not allowed");
        return;
    }
    struct home *h = find_home(p, launch.host);
    if (!h || h->broken.text[0]) {
        tell(p, CONTROL_FAILED, m->number, h ? h->broken.text : "there is no such host");
        return;
    }
    struct run *r = mem_new(sizeof *r);
    r->home = h;
    r->number = m->number;
    LIST_INSERT_HEAD(&p->runs, r, link);
    if (hand_over(r, &launch, g, &err) == 0)
        return;
    tell(p, CONTROL_FAILED, m->number, err.text);
    close_run(r);
}

bool programs_take(struct programs *p, struct control_message *m)
{
    const struct run *r;
    switch (m->type) {
    case CONTROL_NEED:
        take_need(p, m);
        return true;
    case CONTROL_HOST:
        take_host(p, m);
        return true;
    case CONTROL_RUN:
        take_run(p, m);
        return true;
    case CONTROL_END:
        if ((r = find_run(p, m->number)))
            control_post(r->home->userland.control, CONTROL_END, m->number, NULL, 0, NULL, 0);
        return true;
    }
    return false;
}
