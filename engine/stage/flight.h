// flight: the frames that are on a wire, from where they entered to where they arrive.
//
// Flights belong to their wire, which keeps those in no use for later ones: a frame that is sent
// allocates nothing.
#pragma once

#include "stage/timers.h"
#include "stage/wire.h"

// A frame between two ports, or in no use.
struct flight {
    struct timer timer; // first: timers give it back by address
    struct wire *wire;
    struct flight *next;       // of all of its wire
    struct flight *next_spare; // of those in no use
    struct flight *next_held;  // of those that a rule holds
    struct port *from;         // while it is held
    struct port *to;
    int64_t due_ns;        // while it is held: when it may arrive
    uint64_t rule;         // the `rule` event of what had a hand in it; 0: none
    enum packet_fate fate; // when it arrives
    const char *why;       // (a literal) what happened to it; NULL: nothing
    struct conn *conn;     // (borrowed) NULL: no TCP
    int to_side;           // of the connection
    uint64_t packet;       // id of its event
    uint32_t row;          // in packets()
    uint32_t seq, ack;     // of TCP, relative
    uint32_t payload_len;
    uint32_t copies; // absorbed while it waited at the gate
    uint8_t flags;
    bool resolves; // it tells an address, see neighbour.h
    uint32_t len, cap;
    uint8_t bytes[];
};

struct flight *flight_take(struct wire *w); // one with room for the largest frame
void flight_give(struct flight *f);         // it is over
void flights_free(struct wire *w);          // all of them

// They arrive at `due_ns` and are over then.
void flight_send(struct flight *f, struct port *to, int64_t due_ns);
struct flight *flight_copy(const struct flight *f);
void flight_send_to_all(struct flight *f, const struct port *from, int64_t due_ns);

// The same for one that waits at the gate: it is on its way, until it arrives now or is lost there.
void flight_start(struct flight *f, struct port *to);
void flight_arrive(struct flight *f);
void flight_lose(struct flight *f, const char *why);

// What became of it, as an `arrive` event; its id. `host` 0: it arrived nowhere. `why` may be NULL.
uint64_t flight_log_fate(const struct flight *f, uint32_t host, enum packet_fate fate,
                         const char *why);

// It has come to its port: an `arrive` event, the kernel gets it if it has not, and what it means
// for the connection if that ends there. The event's id.
uint64_t flight_land(struct flight *fl, const struct port *port);

void flight_drop(struct flight *f, const char *why); // it is over, and arrives nowhere
