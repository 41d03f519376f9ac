// Implementation of flight.h.
#include "stage/flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "kernel/capture.h"
#include "stage/stage.h"

struct flight *flight_take(struct wire *w)
{
    uint32_t cap = w->lo ? CAPTURE_FRAME_MAX : w->mtu + 64; // lo: whatever its MTU
    for (struct flight *f; (f = w->spare);) {
        w->spare = f->next_spare;
        if (f->cap >= cap)
            return f; // one from before the MTU was raised is left alone
    }
    struct flight *f = mem_new(sizeof *f + cap);
    f->wire = w;
    f->cap = cap;
    f->next = w->flights;
    w->flights = f;
    return f;
}

void flight_give(struct flight *f)
{
    f->next_spare = f->wire->spare;
    f->wire->spare = f;
}

void flights_free(struct wire *w)
{
    while (w->flights) {
        struct flight *gone = w->flights;
        w->flights = gone->next;
        timer_stop(&w->stage->timers, &gone->timer);
        free(gone);
    }
}

static void set_fate(struct stage *s, uint32_t row, enum packet_fate fate)
{
    if (row != UINT32_MAX)
        s->packets.rows[row].fate = (uint8_t)fate;
}

uint64_t flight_log_fate(const struct flight *fl, uint32_t host, enum packet_fate fate,
                         const char *why)
{
    struct log *log = &fl->wire->stage->log;
    struct event *e = log_begin(log, EVENT_ARRIVE, NULL, host, fl->packet);
    e->as.arrive.packet = fl->packet;
    e->as.arrive.wire = fl->wire->number;
    e->as.arrive.fate = fate;
    e->as.arrive.rule = fl->rule;
    e->as.arrive.copies = fate == FATE_HELD ? 0 : fl->copies;
    if (why)
        event_put_text(e, EVENT_MAX, &e->as.arrive.why, why, strlen(why));
    set_fate(fl->wire->stage, fl->row, fate);
    return log_commit(log, e);
}

void flight_drop(struct flight *f, const char *why)
{
    flight_log_fate(f, 0, FATE_DROPPED, why);
    flight_give(f);
}

// What a delivered segment means for the bytes of both directions.
static void follow_bytes(struct flight *fl)
{
    struct conn_end *end = &fl->conn->end[fl->to_side], *sender = &fl->conn->end[!fl->to_side];
    if (fl->flags & TCP_ACK && end->sends.count) {
        ranges_drop(&end->sends, ranges_unwrap(end->sent, fl->ack - 1));
        end->acked = fl->packet;
    }
    if (!fl->payload_len)
        return;
    uint64_t start = ranges_unwrap(sender->sent, fl->seq - 1);
    if (end->host && end->read < start + fl->payload_len)
        ranges_add(&end->deliveries, start, start + fl->payload_len, fl->packet);
}

// The state of the socket that got it, and what the packet made of it.
static void follow_state(struct flight *fl, uint64_t id)
{
    struct conn_end *end = &fl->conn->end[fl->to_side];
    bool was_open = end->state == STATE_ESTABLISHED;
    if (fl->flags & (TCP_FIN | TCP_RST))
        end->shut = fl->packet;
    conn_arrived(fl->conn, fl->to_side, fl->flags, id);
    if (!was_open && end->state == STATE_ESTABLISHED)
        end->opened = fl->packet;
}

// To the kernel of the host, which may put it into the queue of a socket.
static void give(const struct flight *fl, const struct port *port)
{
    struct frame f;
    bool is_datagram = !fl->conn && !LIST_EMPTY(&port->host->datagrams);
    if (is_datagram) {
        frame_parse(&f, fl->bytes, fl->len);
        datagram_before(port->host, &f);
    }
    while (write(port->tap, fl->bytes, fl->len) < 0 && errno == EINTR)
        ;
    if (is_datagram)
        datagram_after(port->host, &f, fl->packet);
}

uint64_t flight_land(struct flight *fl, const struct port *port)
{
    // The event first: what the kernel answers comes after it.
    uint64_t id = flight_log_fate(fl, port->host->number, fl->fate, fl->why);
    bool ends = fl->conn && fl->fate != FATE_CORRUPTED &&      // which nobody understands
                fl->conn->end[fl->to_side].host == port->host; // else: on its way
    if (ends)
        follow_bytes(fl);
    if (port->tap >= 0)
        give(fl, port);
    if (ends)
        follow_state(fl, id);
    return id;
}

void flight_start(struct flight *fl, struct port *to)
{
    fl->to = to;
    fl->copies = 0;
    fl->wire->stage->in_flight++;
    if (fl->conn)
        fl->conn->in_flight++;
}

static void end(const struct flight *fl)
{
    struct stage *s = fl->wire->stage;
    s->in_flight--;
    if (fl->conn)
        fl->conn->in_flight--;
    s->last_traffic_ns = clock_now();
}

void flight_lose(struct flight *fl, const char *why)
{
    end(fl);
    flight_drop(fl, why);
}

void flight_arrive(struct flight *fl)
{
    struct port *port = fl->to;
    wire_drain(port->host, NULL); // what a timer of the kernel has sent until now comes before, and
                                  // was not caused by it
    end(fl);
    uint64_t id = flight_land(fl, port);
    struct wire_cause cause = {.id = id, .conn = fl->conn, .resolved = fl->resolves};
    wire_drain(port->host, &cause);
    flight_give(fl);
}

static void come(struct timer *t)
{
    struct flight *fl = (struct flight *)t;
    if (!gate_takes(&fl->wire->stage->gate, fl))
        flight_arrive(fl);
}

void flight_send(struct flight *fl, struct port *to, int64_t due_ns)
{
    flight_start(fl, to);
    fl->timer.fire = come;
    timer_set(&fl->wire->stage->timers, &fl->timer, due_ns);
}

struct flight *flight_copy(const struct flight *fl)
{
    struct flight *copy = flight_take(fl->wire);
    copy->conn = fl->conn;
    copy->to_side = fl->to_side;
    copy->packet = fl->packet;
    copy->row = fl->row;
    copy->seq = fl->seq;
    copy->ack = fl->ack;
    copy->payload_len = fl->payload_len;
    copy->flags = fl->flags;
    copy->resolves = fl->resolves;
    copy->rule = fl->rule;
    copy->fate = fl->fate;
    copy->why = fl->why;
    copy->len = fl->len;
    memcpy(copy->bytes, fl->bytes, fl->len);
    return copy;
}

void flight_send_to_all(struct flight *fl, const struct port *from, int64_t due_ns)
{
    for (size_t i = 0; i < fl->wire->port_count; i++) {
        struct port *to = fl->wire->ports[i];
        if (to == from)
            continue;
        flight_send(flight_copy(fl), to, due_ns);
    }
    flight_give(fl);
}
