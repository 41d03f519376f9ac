// Implementation of netns.h.
#include "kernel/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernel/sysctl.h"

// Where none are allowed at all, waiting does not help.
static bool none_allowed(void)
{
    static const char *const kinds[] = {"user", "net", "pid", "mnt"};
    char name[64], value[32];
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "user.max_%s_namespaces", kinds[i]);
        if (sysctl_get(name, value, sizeof value) == 0 && strcmp(value, "0") == 0)
            return true;
    }
    return false;
}

bool netns_try_again(struct netns_patience *p)
{
    if (errno != ENOSPC || p->tries++ >= 250)
        return false;
    if (p->tries == 1 && none_allowed()) {
        errno = ENOSPC;
        return false;
    }
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    errno = ENOSPC;
    return true;
}

int netns_current(struct err *err)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "cannot open the network namespace in /proc");
    return fd;
}

int netns_new(struct err *err)
{
    struct netns_patience patience = {0};
    int failed;
    do
        failed = unshare(CLONE_NEWNET);
    while (failed && netns_try_again(&patience));
    if (failed)
        return err_errno(err, "cannot make a network namespace");
    return netns_current(err);
}

int netns_enter(int fd, struct err *err)
{
    if (setns(fd, CLONE_NEWNET) != 0)
        return err_errno(err, "cannot enter a network namespace");
    return 0;
}
