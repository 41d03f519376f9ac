// sock: the sockets of the scene, and the system calls on them.
//
// Every function here makes the call that its name says, logs it, logs the packets it caused, and
// asks for the state it may have changed. It returns what the system call returns, or -1 with
// errno.
//
// No call may sleep in the stage, so all descriptors are non-blocking underneath. Where a blocking
// socket would sleep, the function logs `blocked`, returns -1 with EAGAIN and leaves
// actor->op.waiting set: the caller waits (sock_wait), and calls again.
//
// Owned by the stage until sock_free(); closing leaves the structure, with fd -1.
#pragma once

#include <sys/queue.h>

#include "base/buf.h"
#include "stage/actor.h"
#include "stage/conn.h"
#include "stage/host.h"
#include "stage/ready.h"

struct datagrams;
struct option;
struct tcp_info;

struct sock {
    LIST_ENTRY(sock) link;
    struct stage *stage; // (borrowed)
    struct host *host;   // (borrowed)
    struct conn *conn;   // (borrowed) NULL: not connected
    int side;            // which end of the connection
    uint32_t number;     // from 1, never used again
    int fd;              // -1: closed
    int shown_fd;        // in the host's numbering
    uint32_t file;       // number of the first descriptor that dup(2) made this one of, or own
    enum socket_kind kind;
    bool ipv6;               // and IPv4 too, as sockets of Linux are unless told otherwise
    enum tcp_state state;    // LISTEN or CLOSE while it has no connection
    bool connecting;         // a connect has said EINPROGRESS, and none since how it ended
    bool reset;              // a recv has said ECONNRESET: a 0 behind it is no FIN
    bool nonblocking;        // calls that cannot return say EAGAIN instead of waiting
    bool looped;             // because an event loop waits for it; its handlers need not know
    bool full;               // the last send has found no room
    bool doubled;            // by dup(2): there may be another descriptor with the same `file`
    struct addr local;       // of a listener
    uint32_t waiting, limit; // its accept queue as it was told last
    bool listening;          // is in host->listeners
    LIST_ENTRY(sock) listener_link;
    struct ready_source ready;
    struct datagrams *datagrams; // (owned, by all descriptors of the socket) NULL: a stream
    struct buf unread;           // taken by `receive` beyond what was asked for
    int64_t timeout_ns;          // for each blocking operation; 0: none
    struct sock_options {
        int64_t rcvtimeo_ns, sndtimeo_ns; // SO_RCVTIMEO, SO_SNDTIMEO; 0: none
        int64_t linger_s;                 // SO_LINGER; -1: off
    } options; // as the kernel has them, which sees to them only where descriptors block
};

// socket(2), with the host's lowest free descriptor; `protocol` is that of a raw socket. NULL with
// errno.
struct sock *sock_open(struct host *h, const struct actor *a, enum socket_kind kind, int protocol);
void sock_free(struct sock *s); // closes silently if it is open

// The sock of a descriptor that a call has just returned, with the host's lowest free number.
struct sock *sock_adopt(struct host *h, int fd, enum socket_kind kind);

int sock_bind(struct sock *s, const struct actor *a, const struct addr *to);
int sock_listen(struct sock *s, const struct actor *a, int backlog);
struct sock *sock_accept(struct sock *s,
                         struct actor *a); // the new socket, or NULL with errno; may wait to read
int sock_connect(struct sock *s, struct actor *a, const struct addr *to); // may wait to write

// send(2); sendto(2) if `to` is not NULL.
ssize_t sock_send(struct sock *s, struct actor *a, const void *bytes, size_t len,
                  const struct addr *to);

// How to receive, and what is told beside the bytes.
struct sock_message {
    enum call call;   // CALL_RECV or CALL_RECVFROM
    bool peek;        // MSG_PEEK: the bytes stay where they are
    bool cut;         // told of datagrams: it was longer than there was room
    struct addr from; // told of datagrams
};
ssize_t sock_recv(struct sock *s, struct actor *a, void *bytes, size_t len, struct sock_message *m);

// What ICMP has told of something that the socket has sent, where IP_RECVERR is on.
struct sock_error {
    int error;            // errno
    enum message message; // MESSAGE_NONE: this host itself found it
    struct addr by;       // who told
};
int sock_queued_error(struct sock *s, struct actor *a,
                      struct sock_error *told); // -1 with EAGAIN: none

int sock_shutdown(struct sock *s, const struct actor *a, int how);

// With `linger` it may have to wait, if SO_LINGER says so, for the acknowledgment of what was sent:
// then it returns -1 with EAGAIN, the descriptor is gone, and sock_closed() is to be called after
// waiting to read.
int sock_close(struct sock *s, struct actor *a, bool linger);
void sock_closed(struct sock *s, struct actor *a);
struct sock *sock_dup(struct sock *s, const struct actor *a); // NULL with errno

// The open descriptors with the same file: the next after `last` (NULL: the first).
struct sock *sock_next_double(const struct sock *s, struct sock *last);

int sock_nonblocking(struct sock *s, const struct actor *a, bool on); // fcntl(2), O_NONBLOCK
int sock_set_option(struct sock *s, const struct actor *a, const struct option *o, int64_t number,
                    const char *word);
int sock_get_option(struct sock *s, const struct actor *a, const struct option *o, int64_t *number,
                    char *word);
int sock_abort(struct sock *s,
               struct actor *a); // SO_LINGER with time 0, then close: the peer gets RST

// How long the kernel would let this call sleep, in ns: SO_RCVTIMEO, SO_SNDTIMEO, SO_LINGER. 0: for
// ever.
int64_t sock_limit_ns(const struct sock *s, enum call call);

// Waits until the call that said EAGAIN may be made again, or `deadline_ns`.
void sock_wait(struct sock *s, struct wait *w, enum wait_for way, int64_t deadline_ns,
               void (*woken)(struct wait *, enum wait_result));

// The wait ended before the call could return: logs the call as the kernel would return it with
// SO_RCVTIMEO or SO_SNDTIMEO (see socket(7)).
void sock_give_up(struct sock *s, struct actor *a, enum call call);

// Without a wire all hosts share the machine's loopback: without this, what is not bound yet would
// listen at all addresses and send from 127.0.0.1.
void sock_keep_to_own_address(const struct sock *s);

// A `state` event of a socket without a connection.
void sock_log_state(struct sock *s, const struct actor *a, enum tcp_state to, uint64_t cause);

// Asking, unseen by the audience.
int sock_info(const struct sock *s, struct tcp_info *info);
// Of a listener: accept queue and its limit; of a socket of datagrams recv_q is the first of them.
int sock_queues(const struct sock *s, int64_t *recv_q, int64_t *send_q);
int sock_address(const struct sock *s, bool peer, struct addr *address);
enum tcp_state sock_state(const struct sock *s);
