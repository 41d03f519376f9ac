// conn_path: between which addresses a connection is seen, on one wire or another.
//
// A router may rewrite addresses on the way, so that the server sees another client than there is,
// or the client another server. It is one connection all the same, since the two sockets at its
// ends talk to each other: it has one path for each pair of addresses that it goes by.
#pragma once

#include "stage/conn.h"

struct conn_key {
    struct addr a, b; // the lower one first
    uint32_t host;    // whose own loopback it runs over; 0: a wire's. Each host has a 127.0.0.1
};

struct conn_path {
    struct conn_key key;
    UT_hash_handle hh;
    struct conn *conn;      // (borrowed) owns it
    struct conn_path *next; // of the same connection
    struct addr client;     // the one of the two that stands for end 0
};

// The newest connection between the two, as seen from the host; or NULL. In *side the end that has
// the first address, or stands behind it.
struct conn *conn_find(struct host *on, const struct addr *a, const struct addr *b, int *side);

// The connection that the first packet of a stream belongs to, which leaves the host; made if there
// is none. `caller` is that of the call or arrival that has brought it about, or NULL. In *side the
// end that has sent it.
struct conn *conn_of_frame(struct host *on, const struct frame *f, const struct conn *caller,
                           int *side);

// Which of the addresses of a packet that `side` has sent are not those that end 0 goes by.
enum packet_rewritten conn_rewritten(const struct conn *c, int side, const struct addr *from,
                                     const struct addr *to);

// A connection goes by these addresses from now on, in place of an older one.
void conn_path_add(struct conn *c, struct host *on, const struct addr *client,
                   const struct addr *server);

void conn_paths_free(struct conn *c);
