// Implementation of exec.h.
#include "kernel/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/process.h"

#define NOBODY 65534
#define DESCRIPTORS 1024 // what a shell gives to programs, as a rule

static const int kept[] = {CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW};
#define KEPT (sizeof kept / sizeof *kept)

void exec_give_file(int fd)
{
    if (geteuid() == 0)
        (void)!fchown(fd, NOBODY, NOBODY);
}

// Only what is kept can be had, now or later.
static bool limit_capabilities(void)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < KEPT; i++)
        mask |= UINT32_C(1) << kept[i];
    for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
        if (cap > 31 || !(mask >> cap & 1))
            prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); // one that this kernel lacks cannot be had
    // Root's rights would go with his user id.
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (geteuid() == 0) {
        setgroups(0, NULL);
        // Where root is one in name only, mapped to somebody, there is no nobody.
        if (setresgid(NOBODY, NOBODY, NOBODY) == 0)
            (void)!setresuid(NOBODY, NOBODY, NOBODY);
    }
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{mask, mask, mask}, {0}};
    if (syscall(SYS_capset, &head, data) != 0)
        return false;
    for (size_t i = 0; i < KEPT; i++)
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept[i], 0, 0) != 0)
            return false;
    return true;
}

static void limit_resources(void)
{
    struct rlimit none = {0, 0}, descriptors;
    setrlimit(RLIMIT_CORE, &none);
    getrlimit(RLIMIT_NOFILE, &descriptors);
    if (descriptors.rlim_cur > DESCRIPTORS)
        descriptors.rlim_cur = DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &descriptors);
}

static bool is_same_file(const char *path, int fd)
{
    struct stat there, ours;
    return stat(path, &there) == 0 && fstat(fd, &ours) == 0 && there.st_dev == ours.st_dev &&
           there.st_ino == ours.st_ino;
}

// By its path, as programs expect it; by its descriptor if it lies where nothing of the machine is
// shown, such as a home. A script's interpreter opens the descriptor again, and needs it open.
static void take_place(const struct exec_setup *setup)
{
    char term[64];
    const char *environment[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME=/tmp",
        "LANG=C.UTF-8",
        "NMAP_PRIVILEGED=1", // it asks for user 0 otherwise
        setup->terminal ? term : NULL,
        "PS1=\\h:\\w\\$ ",
        NULL};
    snprintf(term, sizeof term, "TERM=%.50s", setup->terminal ? setup->terminal : "");
    char *const *args = (char *const *)setup->launch->args;
    char *const *env = (char *const *)environment;
    if (is_same_file(setup->launch->path, setup->file)) {
        execve(setup->launch->path, args, env);
        return;
    }
    fexecve(setup->file, args, env);
    if (errno != ENOENT)
        return;
    fcntl(setup->file, F_SETFD, 0);
    fexecve(setup->file, args, env);
}

_Noreturn void exec_program(const struct exec_setup *setup, int report)
{
    setsid();
    if (setup->terminal)
        ioctl(setup->in, TIOCSCTTY, 0);
    process_reset_signals();
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL); // the user's keys stay outside
    umask(022);
    limit_resources();
    if (dup2(setup->in, 0) == 0 && dup2(setup->out, 1) == 1 && dup2(setup->err, 2) == 2 &&
        limit_capabilities())
        take_place(setup);
    int failed = errno;
    (void)!write(report, &failed, sizeof failed);
    _exit(127);
}
