// Implementation of wire.h.
#include "stage/wire.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "kernel/iface.h"
#include "kernel/tap.h"
#include "stage/stage.h"

#define CARRIES_MAX 64     // sends named by one packet
#define NET_PREFIX 16      // bits of the network in an address
#define FRAMES_PER_WAKE 64 // of one TAP, before others have their turn

// A frame between two ports, or in no use.
struct flight {
    struct timer timer; // first: timers give it back by address
    struct wire *wire;
    struct flight *next;       // of all of its wire
    struct flight *next_spare; // of those in no use
    struct port *to;
    struct conn *conn; // (borrowed) NULL: no TCP
    int to_side;       // of the connection
    uint64_t packet;   // id of its event
    uint32_t row;      // in packets()
    uint32_t seq, ack; // of TCP, relative
    uint32_t payload_len;
    uint8_t flags;
    uint32_t len, cap;
    uint8_t bytes[];
};

static struct flight *flight_take(struct wire *w)
{
    struct flight *f = w->spare;
    if (f) {
        w->spare = f->next_spare;
        return f;
    }
    uint32_t cap = w->mtu + 64;
    f = mem_new(sizeof *f + cap);
    f->wire = w;
    f->cap = cap;
    f->next = w->flights;
    w->flights = f;
    return f;
}

static void flight_give(struct flight *f)
{
    f->next_spare = f->wire->spare;
    f->wire->spare = f;
}

struct wire *wire_new(struct stage *s, uint32_t number, const char *name)
{
    struct wire *w = mem_new(sizeof *w);
    w->stage = s;
    w->number = number;
    w->name = mem_text(name, strlen(name));
    w->track = track_new();
    return w;
}

void wire_free(struct wire *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->port_count; i++) {
        struct port *port = w->ports[i];
        if (port->watcher)
            ev_io_stop(w->stage->loop, port->watcher);
        free(port->watcher);
        if (port->tap >= 0)
            close(port->tap);
        free(port);
    }
    while (w->flights) {
        struct flight *gone = w->flights;
        w->flights = gone->next;
        timer_stop(&w->stage->timers, &gone->timer);
        free(gone);
    }
    track_free(w->track);
    free(w->ports);
    free(w->name);
    free(w);
}

static uint32_t interface_count(const struct host *h)
{
    uint32_t count = 0;
    for (const struct port *p = h->ports; p; p = p->next)
        count++;
    return count;
}

void wire_join(struct wire *w, struct host *h)
{
    struct stage *s = w->stage;
    struct port *port = mem_new(sizeof *port), **last = &h->ports;
    port->host = h;
    port->wire = w;
    port->tap = -1;
    port->number = ++s->port_count;
    port->end.host = h->number;
    snprintf(port->end.name, sizeof port->end.name, "eth%u", interface_count(h) % 10000);
    uint8_t mac[6] = {2, 0, 0, 0, (uint8_t)(port->number >> 8), (uint8_t)port->number};
    memcpy(port->end.mac, mac, 6);
    while (*last)
        last = &(*last)->next;
    *last = port;
    w->ports = mem_resize(w->ports, (w->port_count + 1) * sizeof *w->ports);
    w->ports[w->port_count++] = port;
    s->ports = mem_resize(s->ports, s->port_count * sizeof *s->ports);
    s->ports[s->port_count - 1] = port;
}

static void tap_readable(struct ev_loop *loop, struct ev_io *io, int revents)
{
    (void)loop, (void)revents;
    struct port *port = io->data;
    wire_drain(port->host, NULL);
}

static int make_port(struct wire *w, struct port *port, struct err *err)
{
    struct host *h = port->host;
    struct addr address = {
        .family = 4,
        .bytes = {10, (uint8_t)w->number, (uint8_t)(h->number >> 8), (uint8_t)h->number}};
    bool first = h->ports == port;
    port->end.address = first && h->wanted.family ? h->wanted : address;
    port->end.prefix = NET_PREFIX;
    if (first)
        h->address = port->end.address;
    struct port *other = stage_port_of(w->stage, &port->end.address);
    if (other)
        return err_set(err, "hosts %s and %s cannot have the same address", other->host->name,
                       h->name);
    HASH_ADD(hh, w->stage->by_address, end.address, sizeof port->end.address, port);
    if (host_enter(h, err) != 0 || (port->tap = tap_open(port->end.name, err)) < 0)
        return -1;
    struct iface_setup setup = {.name = port->end.name,
                                .mtu = w->mtu,
                                .address = port->end.address,
                                .prefix = port->end.prefix};
    memcpy(setup.mac, port->end.mac, sizeof setup.mac);
    if (iface_up(&setup, err) != 0)
        return -1;
    port->watcher = mem_new(sizeof *port->watcher);
    ev_io_init(port->watcher, tap_readable, port->tap, EV_READ);
    port->watcher->data = port;
    ev_io_start(w->stage->loop, port->watcher);
    return 0;
}

void wire_lay_on_loopback(struct wire *w, const uint8_t net[2])
{
    w->delay_ns = 0;
    w->mtu = 65536;
    for (size_t i = 0; i < w->port_count; i++) {
        struct port *port = w->ports[i];
        struct host *h = port->host;
        bool first = h->ports == port; // one address a host, whatever it is linked to
        struct addr address = {.family = 4, .bytes = {127, net[0], net[1], (uint8_t)h->number}};
        port->end = (struct interface_end){
            .host = h->number, .name = "lo", .prefix = 8, .address = address};
        h->address = address;
        if (first)
            HASH_ADD(hh, w->stage->by_address, end.address, sizeof port->end.address, port);
    }
}

static bool same_network(const struct interface_end *a, const struct interface_end *b)
{
    return memcmp(a->address.bytes, b->address.bytes, NET_PREFIX / 8) == 0;
}

// Addresses that the scene chose may lie in another network than those of the neighbours.
static int add_strange_routes(struct wire *w, struct port *port, struct err *err)
{
    for (size_t i = 0; i < w->port_count; i++) {
        const struct interface_end *other = &w->ports[i]->end;
        if (!same_network(&port->end, other) &&
            (host_enter(port->host, err) != 0 ||
             iface_route(port->end.name, &other->address, 32, &port->end.address, err) != 0))
            return -1;
    }
    return 0;
}

int wire_make(struct wire *w, struct err *err)
{
    bool strange = false;
    for (size_t i = 0; i < w->port_count; i++) {
        if (make_port(w, w->ports[i], err) != 0)
            return -1;
        strange |= !same_network(&w->ports[i]->end, &w->ports[0]->end);
    }
    for (size_t i = 0; strange && i < w->port_count; i++)
        if (add_strange_routes(w, w->ports[i], err) != 0)
            return -1;
    return 0;
}

void wire_log(const struct wire *w)
{
    struct event *e = log_begin(&w->stage->log, EVENT_LINK, NULL, 0, 0);
    struct interface_end *ends = mem_new(w->port_count * sizeof *ends);
    for (size_t i = 0; i < w->port_count; i++)
        ends[i] = w->ports[i]->end;
    e->as.link.wire = w->number;
    e->as.link.mtu = w->mtu;
    e->as.link.delay_ns = w->delay_ns;
    e->as.link.shared = w->shared;
    event_put_text(e, EVENT_MAX, &e->as.link.name, w->name, strlen(w->name));
    event_put(e, EVENT_MAX, &e->as.link.ends, ends, w->port_count * sizeof *ends);
    free(ends);
    log_commit(&w->stage->log, e);
}

// Whether a frame drained after `cause` really came from it: a timer of the kernel may have sent
// something else at the same moment.
static bool caused(const struct wire_cause *cause, const struct conn *conn, const struct frame *f,
                   const struct track_verdict *v)
{
    if (!cause)
        return false;
    if (!(f->protocols & PROTOCOL_TCP))
        return true;
    if (v->note == NOTE_RETRANSMISSION || v->note == NOTE_KEEPALIVE || v->note == NOTE_WINDOW_PROBE)
        return false;
    return conn == cause->conn ||
           (f->flags & TCP_RST && memcmp(&f->from, &cause->listener, sizeof f->from) == 0);
}

static enum retransmission_kind kind_of(struct host *h, const struct frame *f,
                                        const struct track_verdict *v)
{
    if (v->note == NOTE_WINDOW_PROBE)
        return KIND_PROBE;
    if (v->note != NOTE_RETRANSMISSION)
        return KIND_NONE;
    enum retransmission_kind kind = host_repetition(h); // reads the counters forward in any case
    return f->flags & TCP_SYN ? KIND_SYN : kind;
}

// Ids of the send calls whose bytes a segment holds; how many.
static size_t sends_in(const struct conn_end *end, const struct frame *f,
                       const struct track_verdict *v, uint64_t *ids)
{
    if (!f->payload_len || !end->sends.count)
        return 0;
    uint64_t start = ranges_unwrap(end->sent, v->seq - 1);
    return ranges_find(&end->sends, start, start + f->payload_len, ids, CARRIES_MAX);
}

static void log_tcp(struct event_packet *p, const struct frame *f, const struct track_verdict *v)
{
    p->flags = f->flags;
    p->seq = v->seq;
    p->ack = v->ack;
    p->seq_raw = f->seq;
    p->ack_raw = f->ack;
    p->window = v->window;
    p->mss = f->mss;
    p->window_scale = f->window_scale;
    p->sack_permitted = f->sack_permitted;
    p->timestamps = f->timestamps;
    p->ts_value = f->ts_value;
    p->ts_echo = f->ts_echo;
    p->note = v->note;
    p->of = v->of;
}

// A frame that enters, and what is known of it.
struct entry {
    struct port *port;
    struct frame frame;
    struct track_verdict verdict;
    const struct host *from, *to; // that have the IP addresses; NULL: none has
    uint64_t cause, call;         // call: what sent it, or its bytes
    enum retransmission_kind kind;
    uint64_t carries[CARRIES_MAX]; // ids of the sends whose bytes it holds
    size_t carries_count;
    int64_t now_ns;
};

static void explain(struct entry *in, const struct flight *fl, const struct wire_cause *cause)
{
    struct stage *s = in->port->wire->stage;
    in->from = stage_host_of(s, &in->frame.from);
    in->to = stage_host_of(s, &in->frame.to);
    bool known = caused(cause, fl->conn, &in->frame, &in->verdict);
    in->cause = known ? cause->id : 0;
    in->kind = kind_of(in->port->host, &in->frame, &in->verdict);
    in->carries_count =
        fl->conn ? sends_in(&fl->conn->end[!fl->to_side], &in->frame, &in->verdict, in->carries)
                 : 0;
    in->call = in->carries_count ? in->carries[0] : known && cause->call ? cause->id : 0;
}

static uint64_t log_packet(const struct entry *in, const struct flight *fl)
{
    const struct frame *f = &in->frame;
    struct wire *w = in->port->wire;
    struct log *log = &w->stage->log;
    struct event *e = log_begin(log, EVENT_PACKET, NULL, in->port->host->number, in->cause);
    struct event_packet *p = &e->as.packet;
    e->t = in->now_ns - log->zero_ns; // what its delay counts from
    p->wire = w->number;
    p->from = in->from ? in->from->number : 0;
    p->to = in->to ? in->to->number : 0;
    p->protocols = f->protocols;
    p->frame_len = fl->len;
    p->len = f->payload_len;
    p->from_address = f->from;
    p->to_address = f->to;
    p->conn = fl->conn ? fl->conn->number : 0;
    p->ttl = f->ttl;
    p->icmp_type = f->icmp_type;
    p->icmp_code = f->icmp_code;
    p->kind = in->kind;
    if (!in->cause)
        p->origin = in->from == in->port->host ? ORIGIN_TIMER : ORIGIN_UNKNOWN;
    if (f->protocols & PROTOCOL_TCP)
        log_tcp(p, f, &in->verdict);
    event_put_plain(e, EVENT_MAX, &p->carries, in->carries,
                    in->carries_count * sizeof *in->carries);
    event_put_plain(e, EVENT_MAX, &p->sack, in->verdict.sack,
                    (size_t)f->sack_count * 2 * sizeof(uint64_t));
    event_put_plain(e, EVENT_MAX, &p->frame, fl->bytes,
                    log->snap && log->snap < fl->len ? log->snap : fl->len);
    return log_commit(log, e);
}

static uint32_t remember_packet(const struct entry *in, const struct flight *fl)
{
    const struct frame *f = &in->frame;
    const struct track_verdict *v = &in->verdict;
    struct stage *s = in->port->wire->stage;
    struct packet_row row = {
        .id = fl->packet,
        .call = in->call,
        .t_ns = in->now_ns - s->log.zero_ns,
        .of = v->of,
        .seq = v->seq,
        .ack = v->ack,
        .window = v->window,
        .len = f->payload_len,
        .conn = fl->conn ? fl->conn->number : 0,
        .on = (uint16_t)in->port->wire->number,
        .from = (uint16_t)(in->from ? in->from->number : 0),
        .to = (uint16_t)(in->to ? in->to->number : 0),
        .from_port = f->from.port,
        .to_port = f->to.port,
        .mss = f->mss,
        .protocols = (uint8_t)f->protocols,
        .flags = f->flags,
        .ttl = f->ttl,
        .note = (uint8_t)v->note,
        .fate = FATE_ON_THE_WIRE,
    };
    return packets_add(&s->packets, &row, fl->bytes + f->payload_off);
}

static void set_fate(struct stage *s, uint32_t row, enum packet_fate fate)
{
    if (row != UINT32_MAX)
        s->packets.rows[row].fate = (uint8_t)fate;
}

static uint64_t log_arrive(const struct flight *fl, uint32_t host, enum packet_fate fate,
                           const char *why)
{
    struct log *log = &fl->wire->stage->log;
    struct event *e = log_begin(log, EVENT_ARRIVE, NULL, host, fl->packet);
    e->as.arrive.packet = fl->packet;
    e->as.arrive.wire = fl->wire->number;
    e->as.arrive.fate = fate;
    if (why)
        event_put_text(e, EVENT_MAX, &e->as.arrive.why, why, strlen(why));
    set_fate(fl->wire->stage, fl->row, fate);
    return log_commit(log, e);
}

// What a delivered segment means for the bytes of both directions.
static void follow_bytes(struct flight *fl)
{
    struct conn_end *end = &fl->conn->end[fl->to_side], *sender = &fl->conn->end[!fl->to_side];
    if (fl->flags & TCP_ACK && end->sends.count)
        ranges_drop(&end->sends, ranges_unwrap(end->sent, fl->ack - 1));
    if (!fl->payload_len)
        return;
    uint64_t start = ranges_unwrap(sender->sent, fl->seq - 1);
    if (end->host && end->read < start + fl->payload_len)
        ranges_add(&end->deliveries, start, start + fl->payload_len, fl->packet);
}

static void arrive(struct timer *t)
{
    struct flight *fl = (struct flight *)t;
    struct stage *s = fl->wire->stage;
    struct port *port = fl->to;
    wire_drain(port->host, NULL); // what a timer of the kernel has sent until now comes before, and
                                  // was not caused by it
    s->in_flight--;
    s->last_traffic_ns = clock_now();
    // The event first: what the kernel answers comes after it.
    uint64_t id = log_arrive(fl, port->host->number, FATE_DELIVERED, NULL);
    if (fl->conn)
        follow_bytes(fl);
    while (write(port->tap, fl->bytes, fl->len) < 0 && errno == EINTR)
        ;
    if (fl->conn) {
        enum tcp_state state = fl->conn->end[fl->to_side].state;
        if (fl->flags & (TCP_SYN | TCP_FIN | TCP_RST) || state != STATE_ESTABLISHED)
            conn_observe(fl->conn, fl->to_side, NULL, id);
    }
    struct wire_cause cause = {.id = id, .conn = fl->conn};
    wire_drain(port->host, &cause);
    flight_give(fl);
}

static bool is_group(const uint8_t mac[6])
{
    return mac[0] & 1;
}

// The port that a frame for this MAC leaves the wire by; NULL: none.
static struct port *port_for(const struct wire *w, const uint8_t mac[6])
{
    const struct stage *s = w->stage;
    uint32_t number = (uint32_t)mac[4] << 8 | mac[5];
    struct port *port = number >= 1 && number <= s->port_count ? s->ports[number - 1] : NULL;
    return port && port->wire == w && memcmp(port->end.mac, mac, 6) == 0 ? port : NULL;
}

static void send_on(struct flight *fl, struct port *to, int64_t due_ns)
{
    fl->to = to;
    fl->timer.fire = arrive;
    fl->wire->stage->in_flight++;
    timer_set(&fl->wire->stage->timers, &fl->timer, due_ns);
}

static void send_to_all(struct flight *fl, struct port *from, int64_t due_ns)
{
    for (size_t i = 0; i < fl->wire->port_count; i++) {
        struct port *to = fl->wire->ports[i];
        if (to == from)
            continue;
        struct flight *copy = flight_take(fl->wire);
        copy->conn = fl->conn;
        copy->packet = fl->packet;
        copy->row = fl->row;
        copy->flags = fl->flags;
        copy->payload_len = fl->payload_len;
        copy->len = fl->len;
        memcpy(copy->bytes, fl->bytes, fl->len);
        send_on(copy, to, due_ns);
    }
    flight_give(fl);
}

// The wire knows who has which address, so nobody needs to ask on it.
static void answer_arp(struct port *port, const struct frame *f)
{
    const struct port *asked = stage_port_of(port->wire->stage, &f->to);
    if (f->arp_operation != 1 || !asked || asked == port || asked->wire != port->wire)
        return;
    uint8_t reply[FRAME_ARP_LEN];
    frame_arp_reply(f, asked->end.mac, reply);
    while (write(port->tap, reply, sizeof reply) < 0 && errno == EINTR)
        ;
}

// The connection of a frame, and its numbers, for when it arrives.
static void identify(struct flight *fl, struct entry *in)
{
    struct stage *s = in->port->wire->stage;
    const struct frame *f = &in->frame;
    struct track_verdict *v = &in->verdict;
    track_packet(in->port->wire->track, f, s->log.last_id + 1,
                 v); // the id that log_packet() will give it
    fl->conn = NULL;
    if (v->stream) {
        if (v->fresh)
            track_set_number(v->stream, conn_of_frame(in->port->host, f)->number);
        fl->conn = s->conns.all[track_number(v->stream) - 1];
        fl->to_side = !conn_side(fl->conn, &f->from);
    }
    fl->flags = f->flags;
    fl->seq = v->seq;
    fl->ack = v->ack;
    fl->payload_len = f->payload_len;
}

static void forward(struct flight *fl, const struct entry *in)
{
    const struct wire *w = in->port->wire;
    struct port *to = port_for(w, in->frame.dst);
    if (is_group(in->frame.dst)) {
        send_to_all(fl, in->port, in->now_ns + w->delay_ns);
    } else if (to) {
        send_on(fl, to, in->now_ns + w->delay_ns);
    } else {
        log_arrive(fl, 0, FATE_DROPPED, "nobody on this wire has that MAC address");
        flight_give(fl);
    }
}

static void enter(struct port *port, struct flight *fl, const struct wire_cause *cause)
{
    struct entry in = {.port = port, .now_ns = clock_now()};
    frame_parse(&in.frame, fl->bytes, fl->len);
    if (in.frame.protocols & PROTOCOL_ARP) {
        answer_arp(port, &in.frame);
        flight_give(fl);
        return;
    }
    port->wire->stage->last_traffic_ns = in.now_ns;
    identify(fl, &in);
    explain(&in, fl, cause);
    fl->packet = log_packet(&in, fl);
    fl->row = remember_packet(&in, fl);
    struct conn *conn = fl->conn;
    int side = !fl->to_side;
    uint64_t id = fl->packet;
    forward(fl, &in); // the flight may be gone now
    // What a timer sent may also have been the end of the socket.
    if (conn && !cause && in.frame.flags & (TCP_RST | TCP_FIN))
        conn_observe(conn, side, NULL, id);
}

void wire_drain(struct host *h, const struct wire_cause *cause)
{
    if (h->stage->loopback) { // nothing to read; but something has happened
        h->stage->last_traffic_ns = clock_now();
        return;
    }
    for (struct port *port = h->ports; port; port = port->next)
        for (int left = FRAMES_PER_WAKE; cause || left > 0; left--) {
            struct flight *fl = flight_take(port->wire);
            ssize_t n = port->tap < 0 ? -1 : read(port->tap, fl->bytes, fl->cap);
            if (n <= 0) {
                flight_give(fl);
                break;
            }
            fl->len = (uint32_t)n;
            enter(port, fl, cause);
        }
}
