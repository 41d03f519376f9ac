// Implementation of counters.h: pairs of lines, names above values.
#include "kernel/counters.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int counters_open(struct err *err)
{
    int fd = open("/proc/thread-self/net/netstat", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "cannot open /proc/net/netstat");
    return fd;
}

// Walks the words of both lines in step.
static void take(char *names, char *values, struct counters_tcp *c)
{
    char *name_rest, *value_rest;
    char *name = strtok_r(names, " ", &name_rest), *value = strtok_r(values, " ", &value_rest);
    for (; name && value; name = strtok_r(NULL, " ", &name_rest), value = strtok_r(NULL, " ", &value_rest)) {
        if (strcmp(name, "TCPTimeouts") == 0)
            c->timeouts = atoll(value);
        else if (strcmp(name, "TCPLossProbes") == 0)
            c->loss_probes = atoll(value);
        else if (strcmp(name, "TCPFastRetrans") == 0)
            c->fast_retrans = atoll(value);
    }
}

int counters_read(int fd, struct counters_tcp *c)
{
    char text[16384];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return -1;
    text[n] = '\0';
    char *rest, *names;
    for (names = strtok_r(text, "\n", &rest); names; names = strtok_r(NULL, "\n", &rest)) {
        char *values = strtok_r(NULL, "\n", &rest);
        if (values && strncmp(names, "TcpExt:", 7) == 0)
            take(names, values, c);
    }
    return 0;
}
