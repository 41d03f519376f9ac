// Implementation of counters.h: pairs of lines, names above values.
#include "kernel/counters.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 16384

int counters_open(struct err *err)
{
    int fd = open("/proc/thread-self/net/netstat", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "cannot open /proc/net/netstat");
    return fd;
}

// Walks pairs of lines: names and, below them, values; each with the group in front ("TcpExt:").
static void each(char *text, void (*take)(void *, const char *, int64_t), void *arg)
{
    char *rest, *line, *name_rest, *value_rest, full[128];
    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *values = strtok_r(NULL, "\n", &rest);
        if (!values)
            return;
        char *name = strtok_r(line, ": ", &name_rest), *value = strtok_r(values, ": ", &value_rest);
        const char *group = name;
        while (name && value && (name = strtok_r(NULL, " ", &name_rest)) &&
               (value = strtok_r(NULL, " ", &value_rest))) {
            snprintf(full, sizeof full, "%s%s", group, name);
            take(arg, full, atoll(value));
        }
    }
}

static int read_text(int fd, char text[TEXT_MAX])
{
    ssize_t n = pread(fd, text, TEXT_MAX - 1, 0);
    if (n <= 0)
        return -1;
    text[n] = '\0';
    return 0;
}

int counters_each(void (*take)(void *arg, const char *name, int64_t value), void *arg)
{
    static const char *const files[] = {"/proc/thread-self/net/netstat",
                                        "/proc/thread-self/net/snmp"};
    char text[TEXT_MAX];
    for (int i = 0; i < 2; i++) {
        int fd = open(files[i], O_RDONLY | O_CLOEXEC);
        int failed = fd < 0 ? -1 : read_text(fd, text);
        if (fd >= 0)
            close(fd);
        if (failed)
            return -1;
        each(text, take, arg);
    }
    return 0;
}

static void take_tcp(void *arg, const char *name, int64_t value)
{
    struct counters_tcp *c = arg;
    if (strcmp(name, "TcpExtTCPTimeouts") == 0)
        c->timeouts = value;
    else if (strcmp(name, "TcpExtTCPLossProbes") == 0)
        c->loss_probes = value;
    else if (strcmp(name, "TcpExtTCPFastRetrans") == 0)
        c->fast_retrans = value;
    else if (strcmp(name, "TcpExtListenOverflows") == 0)
        c->listen_overflows = value;
    else if (strcmp(name, "TcpExtListenDrops") == 0)
        c->listen_drops = value;
}

int counters_read(int fd, struct counters_tcp *c)
{
    char text[TEXT_MAX];
    if (read_text(fd, text) != 0)
        return -1;
    each(text, take_tcp, c);
    return 0;
}
