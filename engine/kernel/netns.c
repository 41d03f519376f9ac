// Implementation of netns.h.
#include "kernel/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <time.h>

bool netns_try_again(struct netns_patience *p)
{
    if (errno != ENOSPC || p->tries++ >= 250)
        return false;
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
