// Implementation of entry.h.
#include "stage/entry.h"

#include <string.h>

#include "base/clock.h"
#include "stage/conn_path.h"
#include "stage/lo.h"
#include "stage/neighbour.h"
#include "stage/passage.h"
#include "stage/stage.h"

#define CARRIES_MAX 64 // sends named by one packet

// Only a timer of the kernel sends that.
static bool is_timers(const struct track_verdict *v)
{
    return v->note == NOTE_RETRANSMISSION || v->note == NOTE_KEEPALIVE ||
           v->note == NOTE_WINDOW_PROBE;
}

// Whether a frame drained after `cause` really came from it: a timer of the kernel may have sent
// something else at the same moment.
static bool caused(const struct wire_cause *cause, const struct host *h, const struct conn *conn,
                   const struct frame *f, const struct track_verdict *v)
{
    if (!cause)
        return false;
    if (!(f->protocols & PROTOCOL_TCP) || cause->raw)
        return true;
    if (conn && conn_passes(conn, h)) // has no timers for it
        return conn == cause->conn;
    if (is_timers(v))
        return false;
    return conn == cause->conn || cause->resolved ||
           (f->flags & TCP_RST && memcmp(&f->from, &cause->listener, sizeof f->from) == 0);
}

static enum retransmission_kind kind_of(struct host *h, const struct conn *conn,
                                        const struct frame *f, const struct track_verdict *v)
{
    if (conn && conn_passes(conn, h))
        return KIND_NONE;
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

static void log_icmp(struct event_packet *p, const struct frame *f)
{
    p->icmp_type = f->icmp_type;
    p->icmp_code = f->icmp_code;
    p->icmp = f->message;
    if (f->message == MESSAGE_FRAGMENTATION_NEEDED) // RFC 1191, RFC 4443
        p->icmp_mtu = f->protocols & PROTOCOL_ICMP ? f->icmp_rest & 0xffff : f->icmp_rest;
    p->about_protocols = f->about_protocols;
    p->about_from = f->about_from;
    p->about_to = f->about_to;
    if (f->message == MESSAGE_ECHO_REQUEST || f->message == MESSAGE_ECHO_REPLY) {
        p->icmp_id = (int32_t)(f->icmp_rest >> 16);
        p->icmp_seq = (int32_t)(f->icmp_rest & 0xffff);
    }
}

// A frame that enters, and what is known of it.
struct entry {
    struct port *port;
    struct frame frame;
    struct packet_row row; // what filters know of it
    struct track_verdict verdict;
    const struct host *from, *to; // that have the IP addresses; NULL: none has
    uint64_t cause, call;         // call: what sent it, or its bytes
    enum packet_origin origin;    // not of the kernel: whose it is; else none
    const struct actor *by;       // of the scene's
    enum retransmission_kind kind;
    uint64_t *carries; // (borrowed, CARRIES_MAX) ids of the sends whose bytes it holds
    size_t carries_count;
    int64_t now_ns;
};

// Whether it may come from a real program on the host, and not from a socket of the scene.
static bool is_programs(const struct entry *in, const struct flight *fl)
{
    return in->port->host->has_programs && in->from == in->port->host &&
           !(fl->conn && fl->conn->end[!fl->to_side].ours);
}

// What a kernel sends by itself when something arrives: acknowledgments, resets, SYN+ACK, errors of
// ICMP and replies to ping.
static bool is_answer(const struct frame *f)
{
    if (f->protocols & PROTOCOL_TCP)
        return !f->payload_len && !(f->flags & TCP_FIN) &&
               (f->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN;
    if (f->protocols & (PROTOCOL_ICMP | PROTOCOL_ICMPV6))
        return f->icmp_type != 8 && f->icmp_type != 128; // echo requests
    return !(f->protocols & PROTOCOL_UDP);
}

static void explain(struct entry *in, const struct flight *fl, const struct wire_cause *cause)
{
    struct stage *s = in->port->wire->stage;
    if (fl->wire->lo)
        in->from = in->to = in->port->host;
    else {
        in->from = stage_host_of(s, &in->frame.from);
        in->to = stage_host_of(s, &in->frame.to);
    }
    if (in->origin)
        return;
    struct wire_cause own;
    if (fl->wire->lo)
        cause = lo_cause(fl, cause, &own);
    // A program on another processor may answer what has arrived before it is drained.
    bool programs = cause && !cause->call && is_programs(in, fl) && !is_answer(&in->frame);
    bool known = !programs && caused(cause, in->port->host, fl->conn, &in->frame, &in->verdict);
    in->cause = known ? cause->id : 0;
    in->kind = kind_of(in->port->host, fl->conn, &in->frame, &in->verdict);
    if (known && cause->datagram) {
        in->carries[0] = cause->id;
        in->carries_count = 1;
    } else if (fl->conn) {
        in->carries_count =
            sends_in(&fl->conn->end[!fl->to_side], &in->frame, &in->verdict, in->carries);
    }
    in->call = in->carries_count ? in->carries[0] : known && cause->call ? cause->id : 0;
}

// What sent it, if nothing that the stage did. Real programs send when they want to; but what is
// repeated, and what a socket of the scene sends, comes from the kernel's timers.
static enum packet_origin origin_of(const struct entry *in, const struct flight *fl)
{
    const struct host *h = in->port->host;
    if (in->from != h)
        return ORIGIN_UNKNOWN;
    return is_programs(in, fl) && !is_timers(&in->verdict) ? ORIGIN_PROGRAM : ORIGIN_TIMER;
}

static uint64_t log_packet(const struct entry *in, const struct flight *fl)
{
    const struct frame *f = &in->frame;
    struct wire *w = in->port->wire;
    struct log *log = &w->stage->log;
    struct event *e = log_begin(log, EVENT_PACKET, in->by, in->port->host->number, in->cause);
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
    if (f->fragment_offset || f->more_fragments) {
        p->fragment = f->fragment_offset;
        p->more_fragments = f->more_fragments;
        p->fragment_id = f->fragment_id;
    }
    if (f->protocols & (PROTOCOL_ICMP | PROTOCOL_ICMPV6))
        log_icmp(p, f);
    if (fl->conn)
        p->rewritten = conn_rewritten(fl->conn, !fl->to_side, &f->from, &f->to);
    p->kind = in->kind;
    p->origin = in->origin || in->cause ? in->origin : origin_of(in, fl);
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

static uint32_t remember_packet(struct entry *in, const struct flight *fl)
{
    const struct frame *f = &in->frame;
    const struct track_verdict *v = &in->verdict;
    struct stage *s = in->port->wire->stage;
    in->row = (struct packet_row){
        .id = fl->packet,
        .call = in->call,
        .t_ns = timers_scene_at(&s->timers, in->now_ns) - s->log.zero_ns,
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
        .fragment = f->fragment_offset || f->more_fragments ? f->fragment_offset : EVENT_NONE,
        .protocols = (uint8_t)f->protocols,
        .protocol = (uint8_t)frame_transport(f),
        .icmp = (uint8_t)f->message,
        .flags = f->flags,
        .ttl = f->ttl,
        .note = (uint8_t)v->note,
        .fate = FATE_ON_THE_WIRE,
    };
    return packets_add(&s->packets, &in->row, fl->bytes + f->payload_off);
}

// The connection of a frame, and its numbers, for when it arrives.
static void identify(struct flight *fl, struct entry *in, const struct wire_cause *cause)
{
    struct stage *s = in->port->wire->stage;
    const struct frame *f = &in->frame;
    struct track_verdict *v = &in->verdict;
    track_packet(in->port->wire->track, f, s->log.last_id + 1,
                 v); // the id that log_packet() will give it
    fl->conn = NULL;
    if (v->stream) {
        if (v->fresh) {
            int side; // of the end that has sent the first packet
            const struct conn *c =
                conn_of_frame(in->port->host, f, cause ? cause->conn : NULL, &side);
            track_set_number(v->stream, c->number << 1 | (uint32_t)side);
        }
        uint32_t number = track_number(v->stream);
        fl->conn = s->conns.all[(number >> 1) - 1];
        fl->to_side = !((int)(number & 1) ^ v->direction);
    }
    fl->resolves = neighbour_tells(f);
    fl->flags = f->flags;
    fl->seq = v->seq;
    fl->ack = v->ack;
    fl->payload_len = f->payload_len;
}

// What is common to all frames, whoever has made them.
static void enter(struct entry *in, struct flight *fl, const struct wire_cause *cause)
{
    uint64_t carries[CARRIES_MAX];
    in->carries = carries;
    in->port->wire->stage->last_traffic_ns = in->now_ns;
    identify(fl, in, cause);
    explain(in, fl, cause);
    fl->packet = log_packet(in, fl);
    fl->row = remember_packet(in, fl);
    in->carries = NULL;
}

void entry_take(struct port *port, struct flight *fl, const struct wire_cause *cause)
{
    struct entry in = {.port = port, .now_ns = clock_now()};
    frame_parse(&in.frame, fl->bytes, fl->len);
    if (neighbour_take(port, &in.frame, fl->bytes)) {
        flight_give(fl);
        return;
    }
    enter(&in, fl, cause);
    struct conn *conn = fl->conn;
    int side = !fl->to_side;
    uint64_t id = fl->packet;
    if (port->wire->lo)
        lo_arrived(fl);
    else
        passage_begin(fl, port, &in.frame, &in.row, in.now_ns);
    // The flight may be over now.
    if (conn && conn->end[side].host == port->host)
        conn_departed(conn, side, in.frame.flags, in.verdict.note, in.kind, !cause, id);
}

uint64_t entry_inject(struct port *port, const uint8_t *bytes, uint32_t len, uint64_t cause,
                      enum packet_origin origin, const struct actor *by)
{
    struct entry in = {
        .port = port, .now_ns = clock_now(), .cause = cause, .origin = origin, .by = by};
    struct flight *fl = flight_take(port->wire);
    fl->len = len < fl->cap ? len : fl->cap;
    memcpy(fl->bytes, bytes, fl->len);
    frame_parse(&in.frame, fl->bytes, fl->len);
    enter(&in, fl, NULL);
    uint64_t id = fl->packet;
    passage_begin(fl, port, &in.frame, &in.row, in.now_ns);
    return id;
}
