// cast: the names of hosts, wires and actors, learned from the events that introduce them.
//
// Each consumer of events (a view, a writer) keeps one and feeds it every event first. Owns its
// copies. A name never changes; a wire that is described again gets its new ends, delay and MTU.
// Numbers come in order, others are ignored: so a hostile one cannot make it reserve memory.
#pragma once

#include "event/event.h"

struct cast_host {
    char *name; // (owned)
};

struct cast_wire {
    char *name;                 // (owned)
    struct interface_end *ends; // (owned)
    size_t end_count;
    int64_t delay_ns;
    uint32_t mtu;
    bool loopback, shared;
    char *options; // (owned) "loss 1%, rate 10mbit"; NULL: none
};

struct cast_actor {
    char *name; // (owned)
    uint32_t host, role;
};

// From a name to the number; of several things with one name the newest.
struct cast_index {
    uint32_t *slots; // (owned) numbers, 0: empty
    size_t cap;
};

// Numbers start at 1: hosts[n - 1] is host n.
struct cast {
    struct cast_host *hosts;
    struct cast_wire *wires;
    struct cast_actor *actors;
    size_t host_count, wire_count, actor_count;
    struct cast_index host_index, wire_index, actor_index;
};

char *cast_options(const struct event *link); // as cast_wire.options; the caller's

void cast_init(struct cast *c);
void cast_fini(struct cast *c);
void cast_learn(struct cast *c, const struct event *e); // ignores all but host, link and actor

// The name, "" for 0 and for numbers that were never introduced.
const char *cast_host(const struct cast *c, uint32_t host);
const char *cast_wire(const struct cast *c, uint32_t wire);
const char *cast_actor(const struct cast *c, uint32_t actor);

// The number of a name, 0 if unknown.
uint32_t cast_find_host(const struct cast *c, const char *name);
uint32_t cast_find_wire(const struct cast *c, const char *name);
uint32_t cast_find_actor(const struct cast *c, const char *name);

// The host that has the address, 0 if none; of a loopback all have it.
uint32_t cast_host_of(const struct cast *c, const struct addr *address);
