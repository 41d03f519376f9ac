// diag: looks at TCP sockets from outside, those without a descriptor too: not yet accepted, or closed by
// their program and still living in the kernel (FIN_WAIT, TIME_WAIT, LAST_ACK). See sock_diag(7).
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "event/event.h"

struct diag_socket {
    enum tcp_state state; // STATE_CLOSE: there is no such socket
    uint32_t recv_q, send_q;
    enum socket_timer timer;
    int64_t expires_ns; // of the timer, from now
    uint32_t retransmissions;
};

// A descriptor for questions about the network namespace that this thread is in; owned by the caller.
int diag_open(struct err *err);

// The socket with exactly these two addresses (with ports). A listener is never taken for it. -1: the kernel did not answer.
int diag_find(int fd, const struct addr *local, const struct addr *peer, struct diag_socket *found);

// Ends the socket with these two addresses at once, where the kernel is built for it; otherwise nothing.
void diag_destroy(int fd, const struct addr *local, const struct addr *peer);
