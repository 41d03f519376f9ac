// many: how a call that waits on many sockets (poll, select, epoll_wait) becomes events.
//
// No call may sleep in the stage, so each is made with no time at all, and the actor waits between
// two of them. The events tell it as the one call that it stands for: `blocked` when it found
// nothing, and the call when it returns.
#pragma once

#include "event/event.h"
#include "stage/actor.h"

struct host;
struct sock;

// What the call was given.
struct many_asked {
    struct host *host; // (borrowed)
    enum call call;
    int32_t fd;                            // of the epoll; EVENT_NONE: none
    int64_t timeout_ns;                    // EVENT_NONE: none
    uint32_t count;                        // of the descriptors; 0: not an argument
    struct watched watches[EVENT_WATCHED]; // the first of them
    size_t watched;
};

// What it found.
struct many_found {
    struct watched ready[EVENT_WATCHED]; // the first of them
    uint64_t causes[EVENT_WATCHED];      // packets
    size_t count, cause_count;
};

struct watched many_watched(const struct sock *s, uint32_t what);

// `newest`: of the packets whose bytes wait only the last, as for EPOLLET.
void many_find(struct many_found *f, const struct sock *s, uint32_t what, bool newest);

// The call would sleep: says so once an operation, and takes the packets that are there. errno is
// EAGAIN afterwards.
void many_block(const struct many_asked *asked, struct actor *a);

// The call returned. False: it was one more of those that spin, and only counted.
bool many_log(const struct many_asked *asked, struct actor *a, int result, int error,
              const struct many_found *found);
