// wire: what joins hosts: a link between two, or a switch for many.
//
// Theory of operation. Each port is a TAP device whose descriptor the stage holds. A frame that a
// host sends is read there (it *enters* the wire), parsed, followed by the tracker, logged as
// `packet` (entry.h), and put into the timers' heap until the wire's delay is over (flight.h); then
// it is written to the other port's TAP (it *arrives*) and logged as `arrive`. This file has what
// stands: ports, addresses, who is where.
//
// Cause. After each socket call and each arrival the TAPs of the host concerned are read at once:
// what comes out belongs to that call or arrival, if it is of the same connection and no
// repetition. What a TAP gives at any other time comes from the kernel's timers.
#pragma once

#include "packet/rules.h"
#include "packet/track.h"
#include "stage/host.h"
#include "stage/timers.h"

#define WIRE_PREFIX 16 // bits of the network in an address
#define WIRE_PREFIX6 64
#define WIRES_MAX 255 // numbers that fit into the network of an address

struct actor;
struct conn;
struct lo;
struct station;
struct wire_rule;

struct wire {
    struct stage *stage; // (borrowed)
    uint32_t number;     // from 1
    char *name;          // (owned)
    struct port **ports; // (owned)
    size_t port_count;
    uint32_t mtu;
    uint8_t network;          // of its addresses, see wire_network(); 0: a loopback
    bool shared;              // a switch
    bool told;                // its `link` event was written
    struct track *track;      // (owned)
    struct station *stations; // (owned) learned, see station.h
    struct flight *flights;   // (owned) frames on the wire, and room for more
    struct flight *spare;     // (borrowed) those in no use
    struct rules rules;       // in force
    struct wire_rule *made;   // (owned) all that ever were
    struct lo *lo;            // (owned) the loopback of a host, see lo.h; NULL: a wire of ours
};

// What the frames that are drained may have come from.
struct wire_cause {
    uint64_t id;             // of the event
    bool call;               // it is a `call` or `blocked`, not an `arrive`
    const struct conn *conn; // frames of this connection
    struct addr listener;    // or resets from this address (a listener that was closed)
    bool datagram;           // it has sent one: its bytes are in what comes out
    bool raw;                // by a raw socket, which may write segments of its own
    bool resolved;           // it has told an address: what waited for it comes out
};

struct wire *wire_new(struct stage *s, uint32_t number, const char *name);
void wire_free(struct wire *w);

// Plugs the host in; its interface comes with wire_make().
void wire_join(struct wire *w, struct host *h);

// The same for its own loopback, which is there anyway.
void wire_join_lo(struct wire *w, struct host *h);

// Makes the interfaces of all hosts at the wire, with addresses of its network; the rest of them is
// the number of the host, so that it is recognised.
int wire_make(struct wire *w, struct err *err);

// The network 10.n.0.0/16 that its addresses lie in, but for those that the scene has chosen.
struct addr wire_network(const struct wire *w);
bool wire_has_network(const struct wire *w, const struct addr *address);
struct addr wire_network6(const struct wire *w); // fd00:0:0:n::/64, of hosts with IPv6

// Without a wire: each host gets an address of lo, 127.net[0].net[1].n, and no interface.
void wire_lay_on_loopback(struct wire *w, const uint8_t net[2]);

void wire_tell(struct wire *w); // the network stands: `link` and `rule` events

// The port of the host; NULL: it is not at this wire.
struct port *wire_port_of(const struct wire *w, const struct host *h);

int wire_set_mtu(struct wire *w, uint32_t mtu, struct err *err); // of its interfaces

// The settings of a direction were changed, of what `from` sends or (NULL) of all: tells it if the
// network stands.
void wire_changed(struct wire *w, const struct port *from, const struct actor *by);

// Tells what it is now, if the network stands; `from` as above.
void wire_changed(struct wire *w, const struct port *from, const struct actor *by);

// Reads and handles all frames that the host has sent; `cause` NULL: nobody's.
void wire_drain(struct host *h, const struct wire_cause *cause);
