// counters: what the kernel counts in one network namespace, as /proc/net/netstat and
// /proc/net/snmp have it (RFC 4022 and others, and Linux's own TcpExt).
#pragma once

#include <stdint.h>

#include "base/err.h"

// Those that explain what a host does.
struct counters_tcp {
    // Why a segment was repeated.
    int64_t timeouts;     // TCPTimeouts
    int64_t loss_probes;  // TCPLossProbes
    int64_t fast_retrans; // TCPFastRetrans
    // Why a SYN or the ACK of a handshake came to nothing.
    int64_t listen_overflows; // ListenOverflows: the accept queue was full
    int64_t listen_drops;     // ListenDrops: for any reason
};

// Calls `take` for every counter of the network namespace that this thread is in, by nstat's names
// ("TcpExtListenOverflows"). A new namespace starts at 0. -1 with errno.
int counters_each(void (*take)(void *arg, const char *name, int64_t value), void *arg);

// A descriptor that stays with the network namespace that this thread is in; owned by the caller.
int counters_open(struct err *err);

// About 40 µs: on demand. What this kernel does not count stays 0.
int counters_read(int fd, struct counters_tcp *c);
