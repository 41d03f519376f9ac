// Implementation of visitors.h.
#include "command/visitors.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

#define NAME "wirescene/%u/%d" // user, process
#define PATIENCE_MS 1000       // for a front that computes

struct visitor {
    LIST_ENTRY(visitor) link;
    struct visitors *visitors; // (borrowed)
    uint32_t number;
    uint32_t shell; // the program's number; 0: there is none yet
    char terminal[64];
    struct ev_io io;
};

struct visitors {
    struct ev_loop *loop;            // (borrowed)
    int control;                     // (borrowed)
    struct programs *programs;       // (borrowed)
    const char *scene;               // (borrowed)
    struct control_message *message; // (owned)
    LIST_HEAD(, visitor) all;
    uint32_t last_number;
    struct ev_io io;
};

static socklen_t address(struct sockaddr_un *a, unsigned user, int pid)
{
    *a = (struct sockaddr_un){.sun_family = AF_UNIX}; // a NUL first: no file
    int len = snprintf(a->sun_path + 1, sizeof a->sun_path - 1, NAME, user, pid);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static bool is_trusted(int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}

static void drop(struct visitor *one)
{
    struct visitors *v = one->visitors;
    if (one->shell)
        programs_end_shell(v->programs, one->shell);
    ev_io_stop(v->loop, &one->io);
    close(one->io.fd);
    LIST_REMOVE(one, link);
    free(one);
}

// What became of the shell.
static void told(void *arg, const struct control_message *m)
{
    struct visitor *one = arg;
    if (m && m->type == CONTROL_STARTED && m->fd_count == 1) {
        control_post(one->io.fd, CONTROL_STARTED, 0, NULL, 0, m->fds, 1);
        return;
    }
    one->shell = 0;
    if (m)
        control_post(one->io.fd, m->type == CONTROL_FAILED ? CONTROL_REFUSED : m->type, 0, m->bytes,
                     m->len, NULL, 0);
    drop(one);
}

static void take_visit(struct visitor *one, const struct control_message *m)
{
    struct visitors *v = one->visitors;
    size_t len = strlen(m->bytes);
    if (one->number || len >= m->len)
        return;
    one->number = ++v->last_number;
    snprintf(one->terminal, sizeof one->terminal, "%s", m->bytes + len + 1);
    programs_expect_shell(v->programs);
    control_post(v->control, CONTROL_VISIT, one->number, m->bytes, len, NULL, 0);
}

static void from_visitor(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop, (void)revents;
    struct visitor *one = w->data;
    struct visitors *v = one->visitors;
    int got = control_receive(w->fd, v->message);
    if (got < 0)
        drop(one);
    else if (got > 0 && v->message->type == CONTROL_WHO)
        control_post(w->fd, CONTROL_GRANTED, 0, v->scene, strlen(v->scene), NULL, 0);
    else if (got > 0 && v->message->type == CONTROL_VISIT)
        take_visit(one, v->message);
}

static void arriving(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)revents;
    struct visitors *v = w->data;
    int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (!is_trusted(fd)) {
        close(fd);
        return;
    }
    struct visitor *one = mem_new(sizeof *one);
    one->visitors = v;
    LIST_INSERT_HEAD(&v->all, one, link);
    ev_io_init(&one->io, from_visitor, fd, EV_READ);
    one->io.data = one;
    ev_io_start(loop, &one->io);
}

struct visitors *visitors_new(struct ev_loop *loop, int control, struct programs *programs,
                              const char *scene)
{
    struct sockaddr_un a;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (void *)&a, address(&a, geteuid(), getpid())) != 0 ||
        listen(fd, 8) != 0) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct visitors *v = mem_new(sizeof *v);
    v->loop = loop;
    v->control = control;
    v->programs = programs;
    v->scene = scene;
    v->message = mem_new(sizeof *v->message);
    ev_io_init(&v->io, arriving, fd, EV_READ);
    v->io.data = v;
    ev_io_start(loop, &v->io);
    return v;
}

void visitors_free(struct visitors *v)
{
    if (!v)
        return;
    for (struct visitor *one = LIST_FIRST(&v->all), *next; one; one = next) {
        next = LIST_NEXT(one, link);
        drop(one);
    }
    ev_io_stop(v->loop, &v->io);
    close(v->io.fd);
    control_close_fds(v->message);
    free(v->message);
    free(v);
}

static struct visitor *find(const struct visitors *v, uint32_t number)
{
    struct visitor *one;
    LIST_FOREACH(one, &v->all, link)
    if (one->number == number)
        return one;
    return NULL;
}

void visitors_take(struct visitors *v, const struct control_message *m)
{
    static const char gone[] = "the visitor has left";
    struct control_shell shell;
    struct visitor *one = v ? find(v, m->number) : NULL;
    if (m->type == CONTROL_REFUSED && one) {
        control_post(one->io.fd, CONTROL_REFUSED, 0, m->bytes, m->len, NULL, 0);
        drop(one);
    } else if (m->type == CONTROL_SHELL && m->len == sizeof shell) {
        memcpy(&shell, m->bytes, sizeof shell);
        if (one && programs_open_shell(v->programs, &shell, one->terminal, told, one))
            one->shell = shell.program;
        else
            control_post(v ? v->control : -1, CONTROL_FAILED, shell.program, gone, strlen(gone),
                         NULL, 0);
    }
}

// ---------------------------------------------------------------- for the visitor

static bool is_known(const struct scene_found *found, size_t count, int pid)
{
    for (size_t i = 0; i < count; i++)
        if (found[i].pid == pid)
            return true;
    return false;
}

// Asks the front behind the socket which scene it plays.
static bool ask_name(struct scene_found *found)
{
    struct control_message *m = mem_new(sizeof *m);
    struct pollfd p = {.fd = found->fd, .events = POLLIN};
    bool known = is_trusted(found->fd) && control_send(found->fd, CONTROL_WHO, NULL, 0) == 0 &&
                 poll(&p, 1, PATIENCE_MS) > 0 && control_receive(found->fd, m) > 0 &&
                 m->type == CONTROL_GRANTED;
    snprintf(found->name, sizeof found->name, "%.127s", known ? m->bytes : "");
    control_close_fds(m);
    free(m);
    return known;
}

size_t visitors_find(struct scene_found *found, size_t most)
{
    char line[512];
    size_t count = 0;
    FILE *sockets = fopen("/proc/net/unix", "re");
    while (sockets && count < most && fgets(line, sizeof line, sockets)) {
        struct sockaddr_un a;
        unsigned user;
        struct scene_found *one = &found[count];
        const char *name = strstr(line, " @wirescene/");
        if (!name || sscanf(name, " @" NAME, &user, &one->pid) != 2 || user != geteuid() ||
            is_known(found, count, one->pid)) // those who have come to it stand there too
            continue;
        one->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        bool known = one->fd >= 0 &&
                     connect(one->fd, (void *)&a, address(&a, user, one->pid)) == 0 &&
                     ask_name(one);
        if (known)
            count++;
        else if (one->fd >= 0)
            close(one->fd);
    }
    if (sockets)
        fclose(sockets);
    return count;
}
