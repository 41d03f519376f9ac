// Implementation of confine.h.
//
// The parent writes the user maps (a child has no rights over the parent's namespace), while the
// child waits on a socket; over the same socket the child reports what failed before `run` starts.
#include "kernel/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel/netns.h"
#include "kernel/obstacle.h"

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, strlen(text));
    int saved = errno;
    close(fd);
    errno = saved;
    return n < 0 ? -1 : 0;
}

// Maps the child's ids: root gets the whole range if it may give it, everybody himself.
static int map_ids(pid_t pid, struct err *err)
{
    static const char *const files[] = {"uid_map", "gid_map"};
    unsigned ids[2] = {geteuid(), getegid()};
    char path[64], map[64];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, files[i]);
        if (geteuid() == 0 && write_file(path, "0 0 65536") == 0)
            continue;
        snprintf(map, sizeof map, "%u %u 1", ids[i], ids[i]);
        if (i ==
            1) { // a process without rights may map its group only after giving up setgroups(2)
            char deny[64];
            snprintf(deny, sizeof deny, "/proc/%d/setgroups", pid);
            write_file(deny, "deny");
        }
        if (write_file(path, map) != 0)
            return err_errno(err, "cannot map the user into a user namespace (%s)", path);
    }
    return 0;
}

static int bind_device(const char *from, const char *to, struct err *err)
{
    int fd = open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, "cannot make %s in the empty root", to);
    close(fd);
    return mount(from, to, NULL, MS_BIND, NULL);
}

static int no_mount(const char *what, struct err *err)
{
    struct obstacle o;
    obstacle_mounts(errno, &o);
    return obstacle_err(&o, what, err);
}

// The device is opened now, so that what refuses it is known before the scene needs it.
static int bring_device(struct err *err)
{
    static const char path[] = "/tmp/dev/net/tun";
    int fd = -1;
    if (bind_device("/dev/net/tun", path, err) != 0) {
        if (errno != ENOENT)
            return no_mount("cannot bind /dev/net/tun", err);
    } else {
        fd = open(path, O_RDWR | O_CLOEXEC);
    }
    if (fd < 0) {
        struct obstacle o;
        obstacle_device(errno, &o);
        return obstacle_err(&o, "no network cards for hosts", err);
    }
    close(fd);
    return 0;
}

// An empty root with /dev/net/tun and /proc. A fresh /proc is refused where parts of the old one
// are masked (inside containers): then the old one is bound.
static int change_root(struct err *err)
{
    static const char base[] = "/tmp";
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return no_mount("cannot make the mounts private", err);
    if (mount("tmpfs", base, "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k,mode=755") != 0)
        return no_mount("cannot mount an empty root", err);
    mkdir("/tmp/dev", 0755);
    mkdir("/tmp/dev/net", 0755);
    mkdir("/tmp/proc", 0755);
    mkdir("/tmp/old", 0755);
    if (bring_device(err) != 0)
        return -1;
    if (mount("proc", "/tmp/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0 &&
        mount("/proc", "/tmp/proc", NULL, MS_BIND | MS_REC, NULL) != 0)
        return no_mount("cannot mount /proc", err);
    if (syscall(SYS_pivot_root, base, "/tmp/old") != 0 || chdir("/") != 0 ||
        umount2("/old", MNT_DETACH) != 0)
        return no_mount("cannot change to the empty root", err);
    rmdir("/old");
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL) != 0)
        return err_errno(err, "cannot make the empty root read-only");
    return 0;
}

// Closes all but standard error, the kept ones and `also`; standard input and output become
// /dev/null.
static void close_others(const int *kept, size_t count, int also)
{
    int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, 0);
        dup2(null, 1);
    }
    unsigned next = 3;
    for (;;) { // the lowest kept one from `next` on ends the range to be closed
        unsigned keep = ~0u;
        for (size_t i = 0; i <= count; i++) {
            unsigned fd = (unsigned)(i < count ? kept[i] : also);
            if (fd >= next && fd < keep)
                keep = fd;
        }
        if (keep > next)
            close_range(next, keep - 1, 0);
        if (keep == ~0u)
            return;
        next = keep + 1;
    }
}

static _Noreturn void child(enum confine_mode mode, int (*run)(void *), void *arg, const int *kept,
                            size_t count, int link)
{
    struct err err = {""};
    char go;
    setsid(); // what the terminal and its shell signal is for the front, which tells us
    prctl(PR_SET_PDEATHSIG,
          SIGKILL); // before waiting: a parent that died meanwhile closes the socket
    if (read(link, &go, 1) != 1)
        _exit(127);
    close_others(kept, count, link);
    if (mode == CONFINE_FULL && change_root(&err) != 0) {
        ssize_t n = write(link, err.text, strlen(err.text) + 1);
        (void)n;
        _exit(127);
    }
    prctl(PR_SET_NAME, "wirescene-stage");
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ssize_t n = write(link, "", 1);
    (void)n;
    close(link);
    _exit(run(arg));
}

static int refused(enum confine_mode mode, struct err *err)
{
    struct obstacle o;
    obstacle_namespaces(errno, &o);
    const char *what = mode == CONFINE_PLAIN
                           ? "cannot start the process of the stage"
                           : "no private network (user, network, mount and PID namespaces)";
    return obstacle_err(&o, what, err);
}

// The child's handlers are the parent's, and would act on the parent's loop.
static void forget_handlers(void)
{
    struct sigaction action;
    for (int i = 1; i < SIGRTMAX; i++)
        if (sigaction(i, NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
            action.sa_handler != SIG_DFL)
            signal(i, SIG_DFL);
}

// As fork(2), with namespaces. Not clone3(2): filters of containers cannot look into its arguments,
// and refuse it.
static pid_t clone_with(uint64_t flags, int *pidfd)
{
    struct netns_patience patience = {0};
    long pid;
    do
        pid = syscall(SYS_clone, flags | CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, NULL);
    while (pid < 0 && netns_try_again(&patience));
    if (pid == 0)
        forget_handlers();
    return (pid_t)pid;
}

// A user namespace gives the rights for the others; root has them, and may be on a machine without.
static pid_t clone_in_mode(enum confine_mode mode, bool *mapped, int *pidfd)
{
    const uint64_t spaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID;
    *mapped = mode == CONFINE_FULL;
    if (mode == CONFINE_PLAIN)
        return clone_with(0, pidfd);
    pid_t pid = clone_with(CLONE_NEWUSER | spaces, pidfd);
    if (pid >= 0 || geteuid() != 0)
        return pid;
    int error = errno;
    *mapped = false;
    pid = clone_with(spaces, pidfd);
    if (pid < 0)
        errno = error; // the first refusal is the one to tell
    return pid;
}

int confine_start(struct confined *c, enum confine_mode mode, int (*run)(void *), void *arg,
                  const int *kept, size_t count, struct err *err)
{
    *c = (struct confined){.pid = -1, .pidfd = -1};
    int link[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link) != 0)
        return err_errno(err, "cannot make a socket pair");
    bool mapped;
    pid_t pid = clone_in_mode(mode, &mapped, &c->pidfd);
    if (pid == 0) {
        close(link[0]);
        child(mode, run, arg, kept, count, link[1]);
    }
    close(link[1]);
    if (pid < 0) {
        close(link[0]);
        return refused(mode, err);
    }
    c->pid = pid;
    char answer[sizeof err->text];
    ssize_t n = -1;
    if ((!mapped || map_ids(c->pid, err) == 0) && write(link[0], "", 1) == 1) {
        n = read(link[0], answer, sizeof answer - 1);
        if (n > 0 && answer[0]) {
            answer[n] = '\0';
            err_set(err, "%s", answer);
        } else if (n <= 0) {
            err_set(err, "the stage process died before the scene began");
        }
    }
    close(link[0]);
    if (n > 0 && !answer[0])
        return 0;
    confine_kill(c);
    confine_wait(c);
    return -1;
}

void confine_kill(struct confined *c)
{
    if (c->pid > 0)
        kill(c->pid, SIGKILL);
}

int confine_wait(struct confined *c)
{
    int status = 0;
    while (c->pid > 0 && waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (c->pidfd >= 0)
        close(c->pidfd);
    *c = (struct confined){.pid = -1, .pidfd = -1};
    return status;
}
