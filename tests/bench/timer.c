// timer: a loop around one timerfd and nothing else; prints by how many ns each of its alarms was
// late.
//
//   timer COUNT DELAY_IN_MS
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int64_t delay = atoi(argv[2]) * INT64_C(1000000);
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), poller = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
    for (int i = atoi(argv[1]); i > 0; i--) {
        int64_t due = now() + delay;
        struct itimerspec when = {.it_value = {due / 1000000000, due % 1000000000}};
        timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL);
        epoll_wait(poller, &e, 1, -1);
        printf("%lld\n", (long long)(now() - due));
    }
    return 0;
}
