// Implementation of confine.h.
//
// The parent writes the user maps (a child has no rights over the parent's namespace), while the
// child waits on a socket; over the same socket the child reports what failed before `run` starts.
#include "kernel/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/obstacle.h"
#include "kernel/process.h"
#include "kernel/rootfs.h"

#define KEPT_MAX 8

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

// The device is opened now, so that what refuses it is known before the scene needs it.
static int bring_device(struct err *err)
{
    static const char path[] = ROOTFS "/dev/net/tun";
    int fd = -1;
    if (rootfs_bind_file("/dev/net/tun", path, err) == 0)
        fd = open(path, O_RDWR | O_CLOEXEC);
    else if (errno != ENOENT)
        return -1;
    if (fd < 0) {
        struct obstacle o;
        obstacle_device(errno, &o);
        return obstacle_err(&o, "no network cards for hosts", err);
    }
    close(fd);
    return 0;
}

// An empty root with /dev/net/tun and /proc.
static int change_root(struct err *err)
{
    if (rootfs_begin("size=64k,mode=755", MS_NOSUID | MS_NOEXEC, err) != 0)
        return -1;
    mkdir(ROOTFS "/dev", 0755);
    mkdir(ROOTFS "/dev/net", 0755);
    if (bring_device(err) != 0 || rootfs_add_proc(err) != 0 || rootfs_enter(err) != 0)
        return -1;
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL) != 0)
        return err_errno(err, "cannot make the empty root read-only");
    return 0;
}

static _Noreturn void child(enum confine_mode mode, int (*run)(void *), void *arg, const int *kept,
                            size_t count, int link)
{
    struct err err = {""};
    char go;
    int there[KEPT_MAX + 1] = {link};
    for (size_t i = 0; i < count; i++)
        there[i + 1] = kept[i];
    setsid(); // what the terminal and its shell signal is for the front, which tells us
    prctl(PR_SET_PDEATHSIG,
          SIGKILL); // before waiting: a parent that died meanwhile closes the socket
    if (read(link, &go, 1) != 1)
        _exit(127);
    process_keep_only(there, count + 1);
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

// A user namespace gives the rights for the others; root has them, and may be on a machine without.
static pid_t clone_in_mode(enum confine_mode mode, bool *mapped, int *pidfd)
{
    const unsigned long spaces = CLONE_PIDFD | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID;
    *mapped = mode == CONFINE_FULL;
    if (mode == CONFINE_PLAIN)
        return process_clone(CLONE_PIDFD, pidfd);
    pid_t pid = process_clone(CLONE_NEWUSER | spaces, pidfd);
    if (pid >= 0 || geteuid() != 0)
        return pid;
    int error = errno;
    *mapped = false;
    pid = process_clone(spaces, pidfd);
    if (pid < 0)
        errno = error; // the first refusal is the one to tell
    return pid;
}

// While the child may still be looked into.
static int open_user_namespace(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int confine_start(struct confined *c, enum confine_mode mode, int (*run)(void *), void *arg,
                  const int *kept, size_t count, struct err *err)
{
    *c = CONFINED_NONE;
    int link[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link) != 0)
        return err_errno(err, "cannot make a socket pair");
    bool mapped;
    pid_t pid = clone_in_mode(mode, &mapped, &c->pidfd);
    if (pid == 0) {
        process_forget_handlers();
        close(link[0]);
        child(mode, run, arg, kept, count, link[1]);
    }
    close(link[1]);
    if (pid < 0) {
        close(link[0]);
        return refused(mode, err);
    }
    c->pid = pid;
    if (mapped)
        c->user_ns = open_user_namespace(pid);
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
    if (c->user_ns >= 0)
        close(c->user_ns);
    *c = CONFINED_NONE;
    return status;
}
