// stage: hosts, wires and sockets of one scene, on one loop.
//
// Theory of operation. One thread, one libev loop. Each turn of the loop: what is due happens
// (frames arrive, sleepers wake), sockets that became ready wake who waits for them, then `run`
// lets the actors go on, and only when nobody can go on does the loop sleep, until a TAP has a
// frame, the first timer is due or the front has something to say.
#pragma once

#include <ev.h>

#include "stage/conn.h"
#include "stage/gate.h"
#include "stage/log.h"
#include "stage/observe.h"
#include "stage/packets.h"
#include "stage/program.h"
#include "stage/sock.h"
#include "stage/watch.h"
#include "stage/wire.h"

struct stage {
    struct ev_loop *loop; // (owned)
    uint64_t seed;        // of what links do by chance
    struct log log;
    struct timers timers;
    struct gate gate;
    struct ready ready;
    struct host **hosts; // (owned) number n stands at n - 1
    struct wire **wires; // (owned)
    struct port **ports; // (borrowed) number n stands at n - 1
    struct port *by_address, *by_address6;
    uint32_t host_count, wire_count, port_count;
    uint32_t network_count; // wires that are no loopback
    struct conns conns;
    struct observe observe;
    struct packets packets;
    LIST_HEAD(, sock) socks;
    LIST_HEAD(, watch) watches;
    LIST_HEAD(, epoll) epolls;
    uint32_t last_sock;
    TAILQ_HEAD(, program) programs;
    uint32_t last_program;
    int control;          // to the front
    struct host *in_host; // whose namespace the thread is in; NULL: none's
    bool built;
    bool wrong;         // it could not be built because the scene asks for what there is not
    bool exhausted;     // a call has found that this process has no descriptor left
    bool loopback;      // no wire can be had: hosts are addresses of the machine's own loopback
    uint32_t in_flight; // frames on the wires
    int64_t last_traffic_ns; // when a frame last entered or arrived, clock_now()
    bool late_expected;      // this turn did something known to be slow
    bool deciding;           // the scene is asked about a packet that enters: no calls now
    struct ev_prepare turn;
    struct ev_idle again;
    struct ev_io clock_io, ready_io;
    bool (*run)(void *arg); // lets ready actors go on; true: some are still ready
    void *run_arg;
};

int stage_init(struct stage *s, struct ring *ring, uint32_t snap, bool loopback, struct err *err);
void stage_fini(struct stage *s);

// Declares; all before the network stands. Names are checked by the caller.
struct host *stage_add_host(struct stage *s, const char *name);
struct wire *stage_add_wire(struct stage *s, const char *name, struct host *const *hosts,
                            size_t count, bool shared);

struct wire *stage_add_lo(struct stage *s, const char *name, struct host *h); // see lo.h

// Makes what was declared; hosts without a wire join the default switch. Nothing if it stands.
int stage_build(struct stage *s, struct err *err);

// NULL: nobody has the address. Its port (of TCP or UDP) does not matter.
struct port *stage_port_of(const struct stage *s, const struct addr *address);
struct host *stage_host_of(const struct stage *s, const struct addr *address);

int64_t stage_time(const struct stage *s); // ns since the scene began, by its own clock

bool stage_quiet(const struct stage *s, int64_t for_ns); // no frame on a wire since then
bool stage_pending(const struct stage *s); // the kernel may still send something by itself

// The last thing: no socket stays behind in the kernel that would go on sending, as that keeps its
// network namespace alive for minutes after the process.
void stage_abandon(struct stage *s);

// Whether frames were lost between the hosts and their wires; logs an error for each interface.
void stage_check_drops(struct stage *s);
