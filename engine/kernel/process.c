// Implementation of process.h.
#include "kernel/process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/netns.h"

void process_keep_only(const int *kept, size_t count)
{
    int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, 0);
        dup2(null, 1);
    }
    unsigned next = 3;
    for (;;) { // the lowest kept one from `next` on ends the range to be closed
        unsigned keep = ~0u;
        for (size_t i = 0; i < count; i++) {
            unsigned fd = (unsigned)kept[i];
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

void process_forget_handlers(void)
{
    struct sigaction action;
    for (int i = 1; i < SIGRTMAX; i++)
        if (sigaction(i, NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
            action.sa_handler != SIG_DFL)
            signal(i, SIG_DFL);
}

void process_reset_signals(void)
{
    sigset_t none;
    for (int i = 1; i < SIGRTMAX; i++)
        signal(i, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t process_clone(unsigned long flags, int *pidfd)
{
    struct netns_patience patience = {0};
    long pid;
    do
        pid = syscall(SYS_clone, flags | SIGCHLD, NULL, pidfd, NULL, NULL);
    while (pid < 0 && netns_try_again(&patience));
    return (pid_t)pid;
}
