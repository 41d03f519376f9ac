// host: a computer of the scene: a network namespace, its interfaces, its numbering of descriptors.
#pragma once

#include <sys/queue.h>
#include <sys/resource.h>
#include <uthash.h>

#include "event/event.h"
#include "kernel/counters.h"
#include "packet/direction.h"
#include "stage/datagram.h"
#include "stage/ready.h"

struct ev_io;
struct stage;
struct wire;

// An interface of a host, plugged into a wire. Owned by its wire.
struct port {
    struct host *host;        // (borrowed)
    struct wire *wire;        // (borrowed)
    struct interface_end end; // as events show it
    uint32_t number;          // from 1; the last bytes of its MAC
    UT_hash_handle hh, hh6;   // by end.address, by end.address6
    struct port *next;        // of the same host
    struct ev_io *watcher;    // (owned)
    int tap;                  // the wire's side of the interface; -1 before it is made
    // What happens to the frames that it sends:
    struct direction direction;
    bool cut;           // they vanish
    uint64_t cut_event; // 0: the network does not stand yet
};

// A rule of a router, see router.h.
struct router_rule {
    enum rule_action kind;
    const struct port *ports[2]; // (borrowed)
    const struct host *to;       // (borrowed)
    uint16_t port, to_port;
};

struct host {
    struct stage *stage;         // (borrowed)
    uint32_t number;             // from 1
    char *name;                  // (owned)
    char *relay;                 // (owned) the real address it stands for; NULL: none
    struct addr address;         // of its first interface; family 0 before the network stands
    struct addr address6;        // the same of IPv6; family 0: none
    struct addr wanted;          // by the scene; family 0: any
    struct port *ports;          // (borrowed) in the order of their wires
    struct wire *lo;             // (borrowed) its loopback, if it is looked at
    bool arp;                    // its questions for addresses are seen
    bool ipv6;                   // its interfaces have two addresses each
    bool router;                 // forwards what is not for itself
    int ns;                      // its network namespace
    int diag;                    // opened when first asked; -1 before
    int counters;                // the same
    struct counters_tcp counted; // what was told last
    uint8_t *descriptors;        // (owned) 1: in use; by number, in the host's own numbering
    size_t descriptor_cap, lowest_free;
    bool shown;                  // the front has its namespace
    bool has_programs;           // a real program lives on it
    LIST_HEAD(, sock) listeners; // (borrowed) see observe.h
    uint32_t descriptor_limit;   // that the scene asked for: numbers below it; 0: none
    struct rlimit unlimited;     // of this process, while host_limit_begin() has lowered it
    bool limited;
    struct ready_source freed;       // wakes when a descriptor is closed
    uint64_t frees;                  // how often one was
    uint32_t handlers;               // connections served, for the names of their actors
    struct datagrams_list datagrams; // of its sockets that are no streams
    struct fragments *fragments;     // (owned) NULL: it got none
    struct host_setting {
        char *name, *value; // (owned)
    } * sysctls;            // (owned) asked for by the scene
    size_t sysctl_count;
    struct router_rule *rules; // (owned)
    size_t rule_count;
};

struct host *host_new(struct stage *s, uint32_t number, const char *name);
void host_free(struct host *h);

void host_want_relay(struct host *h, const char *address);
void host_want_sysctl(struct host *h, const char *name, const char *value); // before it is made

// Makes its namespace: settings pinned, those of the scene on top, loopback up.
int host_make(struct host *h, struct err *err);

int host_enter(struct host *h, struct err *err); // this thread is in its namespace afterwards

// Around each system call that makes a descriptor: if the host has no number left below its limit,
// this process has none left meanwhile, so that the kernel says EMFILE. The end leaves errno alone;
// EMFILE without such a limit is the machine's, and noted (stage->exhausted).
void host_limit_begin(struct host *h);
void host_limit_end(struct host *h);

// The lowest free descriptor from 3 on, as a program on that host would get it.
int host_take_descriptor(struct host *h);
void host_give_descriptor(struct host *h, int number);

// The kernel's own view of a socket, see diag.h.
struct diag_socket;
int host_diag(struct host *h, const struct addr *local, const struct addr *peer,
              struct diag_socket *found);

int host_figures(struct host *h, const struct addr *local, const struct addr *peer,
                 struct event_tcp *figures);
int host_listener(struct host *h, const struct addr *local, struct diag_socket *found);

struct diag_row;
ssize_t host_sockets(struct host *h,
                     struct diag_row **rows); // all of its TCP sockets, as diag_list()

int host_count(struct host *h, uint32_t states[STATE_COUNT]); // as diag_count()

void host_destroy(struct host *h, const struct addr *local,
                  const struct addr *peer); // nothing if it is not there

// Why the segment that was just repeated was: what the counters say since they were read last.
enum retransmission_kind host_repetition(struct host *h);

// By how much ListenOverflows and ListenDrops have risen since they were asked for last; false: not
// at all.
bool host_overflow(struct host *h, uint32_t *overflows, uint32_t *drops);
