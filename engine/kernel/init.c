// Implementation of init.h.
#include "kernel/init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "event/control.h"
#include "event/launch.h"
#include "kernel/exec.h"
#include "kernel/process.h"
#include "kernel/rootfs.h"

#define POLITE_NS (1 * CLOCK_S) // between SIGTERM and SIGKILL
#define FOLDER "/tmp"           // where programs start

// A program that was asked for and runs.
struct child {
    TAILQ_ENTRY(child) link;
    pid_t pid;
    uint32_t number;
    bool is_shell;
    int64_t kill_at_ns; // 0: nobody wants it to end
};

struct init {
    int control, deaths; // deaths: a signalfd
    uint32_t host;
    struct err broken; // why no program can run here; empty: they can
    TAILQ_HEAD(, child) children;
    struct control_message message;
};

static void answer(struct init *i, enum control_type type, uint32_t number, const void *bytes,
                   size_t len)
{
    if (control_post(i->control, type, number, bytes, len, NULL, 0) != 0)
        _exit(1); // the front is gone
}

static int refuse(struct init *i, uint32_t number, const struct err *err)
{
    answer(i, CONTROL_FAILED, number, err->text, strlen(err->text));
    return -1;
}

// As a file of the program's own; another one of that name, whatever it is, makes room.
static int write_file(const struct launch_file *f, struct err *err)
{
    unlink(f->name);
    int fd = open(f->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    bool written = fd >= 0 && write(fd, f->text, f->len) == (ssize_t)f->len;
    if (!written)
        err_errno(err, "cannot write the file %s", f->name);
    else
        exec_give_file(fd);
    if (fd >= 0)
        close(fd);
    return written ? 0 : -1;
}

static int open_input(const struct launch *l, struct err *err)
{
    for (uint32_t i = 0; i < l->file_count; i++) {
        const struct launch_file *f = &l->files[i];
        if (*f->name)
            continue;
        int fd = memfd_create("stdin", MFD_CLOEXEC);
        if (fd < 0 || write(fd, f->text, f->len) != (ssize_t)f->len || lseek(fd, 0, SEEK_SET) != 0)
            err_errno(err, "cannot keep the standard input of %s", l->args[0]);
        return fd;
    }
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

// Returns when the program is running in place of the child, or has failed to.
static pid_t start(const struct exec_setup *setup, struct err *err)
{
    int report[2] = {-1, -1};
    pid_t pid = pipe2(report, O_CLOEXEC) == 0 ? fork() : -1;
    if (pid == 0)
        exec_program(setup, report[1]);
    int failed = pid < 0 ? errno : 0;
    if (report[1] >= 0)
        close(report[1]);
    if (pid > 0 && read(report[0], &failed, sizeof failed) > 0) {
        waitpid(pid, NULL, 0);
        pid = -1;
    }
    if (report[0] >= 0)
        close(report[0]);
    errno = failed;
    if (pid < 0 && failed == ENOENT)
        err_set(err, "%s cannot run here: its interpreter or a library of it is not there",
                setup->launch->args[0]);
    else if (pid < 0)
        err_errno(err, "%s cannot run here", setup->launch->args[0]);
    return pid;
}

static int take_launch(struct init *i, struct launch *l, struct err *err)
{
    if (i->broken.text[0]) {
        *err = i->broken;
        return -1;
    }
    if (launch_read(l, i->message.bytes, i->message.len, err) != 0)
        return -1;
    for (uint32_t n = 0; n < l->file_count; n++)
        if (*l->files[n].name && write_file(&l->files[n], err) != 0)
            return -1;
    return 0;
}

static void adopt(struct init *i, pid_t pid, uint32_t number, bool is_shell)
{
    struct child *c = mem_new(sizeof *c);
    c->pid = pid;
    c->number = number;
    c->is_shell = is_shell;
    TAILQ_INSERT_TAIL(&i->children, c, link);
}

static void run(struct init *i)
{
    struct launch launch;
    struct err err = {""};
    struct exec_setup setup = {.launch = &launch,
                               .file = control_take_fd(&i->message, 0),
                               .out = control_take_fd(&i->message, 1),
                               .err = control_take_fd(&i->message, 2),
                               .in = -1};
    uint32_t number = i->message.number;
    pid_t pid = -1;
    if (take_launch(i, &launch, &err) == 0 && (setup.in = open_input(&launch, &err)) >= 0)
        pid = start(&setup, &err);
    int fds[] = {setup.file, setup.in, setup.out, setup.err};
    for (int n = 0; n < 4; n++)
        if (fds[n] >= 0)
            close(fds[n]);
    if (pid < 0) {
        refuse(i, number, &err);
        return;
    }
    adopt(i, pid, number, false);
    answer(i, CONTROL_STARTED, number, NULL, 0);
}

// Both ends of a new terminal of this userland, see pts(4).
static int open_terminal(int ends[2], struct err *err)
{
    ends[0] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    ends[1] = -1;
    if (ends[0] >= 0 && ioctl(ends[0], TIOCSPTLCK, &(int){0}) == 0)
        ends[1] = ioctl(ends[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return ends[1] < 0 ? err_errno(err, "cannot make a terminal on the host") : 0;
}

static void open_shell(struct init *i)
{
    static const struct launch bash = {.path = "/bin/bash",
                                       .args = {"bash", "--noprofile", "--norc"}},
                               sh = {.path = "/bin/sh", .args = {"sh"}};
    const struct launch *launch = access(bash.path, X_OK) == 0 ? &bash : &sh;
    struct exec_setup setup = {.launch = launch,
                               .file = open(launch->path, O_PATH | O_CLOEXEC),
                               .terminal = i->message.bytes};
    struct err err = i->broken;
    uint32_t number = i->message.number;
    int ends[2] = {-1, -1};
    pid_t pid = -1;
    if (!err.text[0] && open_terminal(ends, &err) == 0) {
        setup.in = setup.out = setup.err = ends[1];
        pid = start(&setup, &err);
    }
    if (pid < 0) {
        refuse(i, number, &err);
    } else {
        adopt(i, pid, number, true);
        control_post(i->control, CONTROL_STARTED, number, NULL, 0, ends, 1);
    }
    int fds[] = {setup.file, ends[0], ends[1]};
    for (int n = 0; n < 3; n++)
        if (fds[n] >= 0)
            close(fds[n]);
}

static void end(struct init *i, uint32_t number)
{
    struct child *c;
    TAILQ_FOREACH(c, &i->children, link)
    if (c->number == number && !c->kill_at_ns) {
        // Each leads a group of its own; shells do not mind SIGTERM.
        kill(-c->pid, c->is_shell ? SIGHUP : SIGTERM);
        c->kill_at_ns = clock_now() + POLITE_NS;
    }
}

static void bury(struct init *i)
{
    struct signalfd_siginfo info;
    int status;
    pid_t pid;
    while (read(i->deaths, &info, sizeof info) == sizeof info)
        ;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *c = TAILQ_FIRST(&i->children);
        while (c && c->pid != pid) // NOLINT(clang-analyzer-unix.Malloc): lost in queue(7)'s macros
            c = TAILQ_NEXT(c, link);
        if (!c)
            continue;
        struct control_ended ended = {.status = status, .host = i->host};
        answer(i, CONTROL_ENDED, c->number, &ended, sizeof ended);
        TAILQ_REMOVE(&i->children, c, link);
        free(c);
    }
    if (pid < 0 && errno == ECHILD) {
        struct control_ended alone = {.alone = 1, .host = i->host};
        answer(i, CONTROL_ENDED, 0, &alone, sizeof alone);
    }
}

// Kills whom asking did not end; how long until the next is to be, in ms; -1: nobody is.
static int insist(struct init *i)
{
    int64_t now = clock_now(), next = INT64_MAX;
    struct child *c;
    TAILQ_FOREACH(c, &i->children, link)
    if (c->kill_at_ns && c->kill_at_ns <= now)
        kill(-c->pid, SIGKILL);
    else if (c->kill_at_ns && c->kill_at_ns < next)
        next = c->kill_at_ns;
    return next == INT64_MAX ? -1 : (int)((next - now) / CLOCK_MS) + 1;
}

static void settle(struct init *i, const char *name, const char *hosts)
{
    sethostname(name, strnlen(name, 64));
    if (rootfs_begin("size=1m,mode=755", MS_NOSUID | MS_NODEV, &i->broken) == 0 &&
        rootfs_add_system(&i->broken) == 0 && rootfs_enter(&i->broken) == 0 &&
        rootfs_close_system(hosts, &i->broken) == 0 && chdir(FOLDER) != 0)
        err_errno(&i->broken, "cannot enter %s in the new root", FOLDER);
}

_Noreturn void init_run(int control, uint32_t host, const char *name, const char *hosts)
{
    struct init *i = mem_new(sizeof *i);
    sigset_t child;
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a parent that died meanwhile has closed the socket
    prctl(PR_SET_NAME, "wirescene-init");
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    process_keep_only(&control, 1);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    i->control = control;
    i->host = host;
    TAILQ_INIT(&i->children);
    i->deaths = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
    settle(i, name, hosts);
    for (;;) {
        struct pollfd waits[2] = {{.fd = i->control, .events = POLLIN},
                                  {.fd = i->deaths, .events = POLLIN}};
        poll(waits, 2, insist(i));
        if (waits[1].revents)
            bury(i);
        int got = waits[0].revents ? control_receive(i->control, &i->message) : 0;
        if (got < 0)
            _exit(0);
        if (got > 0 && i->message.type == CONTROL_RUN)
            run(i);
        else if (got > 0 && i->message.type == CONTROL_SHELL)
            open_shell(i);
        else if (got > 0 && i->message.type == CONTROL_END)
            end(i, i->message.number);
    }
}
