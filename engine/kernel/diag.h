// diag: looks at TCP sockets from outside, those without a descriptor too: not yet accepted, or
// closed by their program and still living in the kernel (FIN_WAIT, TIME_WAIT, LAST_ACK). See
// sock_diag(7).
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "event/event.h"

struct diag_socket {
    enum tcp_state state;    // STATE_CLOSE: there is no such socket
    uint32_t recv_q, send_q; // bytes; LISTEN: the accept queue and its limit
    enum socket_timer timer;
    int64_t expires_ns;   // of the timer, from now
    uint32_t retransmits; // how often it has run out in a row
};

// One row of a list, as ss(8) shows it.
struct diag_row {
    struct addr local, peer;
    struct diag_socket socket;
};

// A descriptor for questions about the network namespace that this thread is in; owned by the
// caller.
int diag_open(struct err *err);

// The socket with exactly these two addresses (with ports). A listener is never taken for it. -1:
// the kernel did not answer.
int diag_find(int fd, const struct addr *local, const struct addr *peer, struct diag_socket *found);

// The same for its figures (struct tcp_info); `sock`, `conn` and addresses are left alone. -1:
// there are none (TIME_WAIT has none, for one).
int diag_figures(int fd, const struct addr *local, const struct addr *peer,
                 struct event_tcp *figures);

// Who listens on that address and port, a program too; STATE_CLOSE: nobody does.
int diag_listener(int fd, const struct addr *local, struct diag_socket *found);

// All TCP sockets of the namespace, those over IPv4 first, in the kernel's order; returns how many
// and the rows, to be freed by the caller; -1 with errno.
ssize_t diag_list(int fd, struct diag_row **rows);

// How many there are in each state, by enum tcp_state. -1 with errno.
int diag_count(int fd, uint32_t states[STATE_COUNT]);

// Ends the socket with these two addresses at once, where the kernel is built for it; otherwise
// nothing.
void diag_destroy(int fd, const struct addr *local, const struct addr *peer);
