// play: synthetic scenes for the tests of the views: what the stage would have reported, written
// down by hand.
//
// A play is fed to a sink event by event. Functions are static, for one test program each.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "event/event.h"

struct play {
    void (*sink)(void *context, const struct event *e);
    void *context;
    uint64_t id;
    int64_t t;
    uint32_t actor, line;
    alignas(8) char record[EVENT_MAX];
};

static struct event *play_new(struct play *p, enum event_type type, uint32_t host)
{
    struct event *e = event_init(p->record, sizeof p->record, type);
    e->id = ++p->id;
    e->t = p->t;
    e->host = host;
    e->actor = p->actor;
    e->line = p->line;
    return e;
}

static uint64_t play_emit(struct play *p)
{
    struct event *e = (struct event *)p->record;
    p->sink(p->context, e);
    return e->id;
}

static void play_put(struct play *p, struct span *span, const char *text)
{
    event_put_text((struct event *)p->record, sizeof p->record, span, text, strlen(text));
}

static __attribute__((unused)) struct addr play_addr(const char *text, uint16_t port)
{
    struct addr a = {.family = 4, .port = port};
    inet_pton(AF_INET, text, a.bytes);
    return a;
}

// Host n of the play has this address.
static struct addr play_host_addr(uint32_t host, uint16_t port)
{
    struct addr a = {.family = 4, .port = port, .bytes = {10, 1, 0, (uint8_t)host}};
    return a;
}

static __attribute__((unused)) void play_scene(struct play *p, const char *title,
                                               const char *script)
{
    struct event *e = play_new(p, EVENT_SCENE, 0);
    play_put(p, &e->as.scene.title, title);
    play_put(p, &e->as.scene.script, script);
    play_emit(p);
}

static __attribute__((unused)) void play_host(struct play *p, uint32_t host, const char *name)
{
    struct event *e = play_new(p, EVENT_HOST, host);
    play_put(p, &e->as.host.name, name);
    play_emit(p);
}

static __attribute__((unused)) void play_link(struct play *p, uint32_t wire, const uint32_t *hosts,
                                              size_t count, int64_t delay_ns)
{
    struct interface_end ends[16] = {0};
    for (size_t i = 0; i < count; i++) {
        ends[i].host = hosts[i];
        ends[i].address = play_host_addr(hosts[i], 0);
        ends[i].prefix = 16;
        snprintf(ends[i].name, sizeof ends[i].name, "eth0");
    }
    struct event *e = play_new(p, EVENT_LINK, 0);
    play_put(p, &e->as.link.name, "wire");
    event_put(e, sizeof p->record, &e->as.link.ends, ends, count * sizeof *ends);
    e->as.link.delay_ns = delay_ns;
    e->as.link.wire = wire;
    e->as.link.mtu = 1500;
    play_emit(p);
}

static __attribute__((unused)) void play_actor(struct play *p, uint32_t actor, uint32_t host,
                                               const char *name, enum actor_role role,
                                               enum actor_ended ended)
{
    struct event *e = play_new(p, EVENT_ACTOR, host);
    e->actor = actor;
    play_put(p, &e->as.actor.name, name);
    e->as.actor.role = role;
    e->as.actor.ended = ended;
    play_emit(p);
}

static __attribute__((unused)) void play_say(struct play *p, const char *text)
{
    struct event *e = play_new(p, EVENT_SAY, 0);
    play_put(p, &e->as.say.text, text);
    play_emit(p);
}

static __attribute__((unused)) void play_cue(struct play *p, const char *text, bool presented)
{
    struct event *e = play_new(p, EVENT_CUE, 0);
    play_put(p, &e->as.cue.text, text);
    e->as.cue.presented = presented;
    play_emit(p);
}

// Calls: begin, fill what the call has, emit.
static struct event_call *play_call(struct play *p, uint32_t host, enum call call, uint32_t conn,
                                    int64_t result)
{
    struct event *e = play_new(p, EVENT_CALL, host);
    e->as.call.call = call;
    e->as.call.conn = conn;
    if (result < 0)
        e->as.call.error = (uint32_t)-result;
    e->as.call.result = result < 0 ? -1 : result;
    return &e->as.call;
}

static __attribute__((unused)) uint64_t play_blocked(struct play *p, uint32_t host, enum call call,
                                                     uint32_t conn, struct addr address)
{
    struct event *e = play_new(p, EVENT_BLOCKED, host);
    e->as.blocked.call = call;
    e->as.blocked.conn = conn;
    e->as.blocked.address = address;
    return play_emit(p);
}

static __attribute__((unused)) uint64_t play_send(struct play *p, uint32_t host, uint32_t conn,
                                                  int64_t size, const char *data)
{
    struct event_call *c = play_call(p, host, CALL_SEND, conn, size);
    c->size = size;
    event_put((struct event *)p->record, sizeof p->record, &c->data, data, strlen(data));
    return play_emit(p);
}

static __attribute__((unused)) void play_recv(struct play *p, uint32_t host, uint32_t conn,
                                              int64_t result, int64_t blocked_ns, const char *data)
{
    struct event_call *c = play_call(p, host, CALL_RECV, conn, result);
    c->size = 4096;
    c->blocked_ns = blocked_ns;
    event_put((struct event *)p->record, sizeof p->record, &c->data, data, strlen(data));
    play_emit(p);
}

static __attribute__((unused)) void play_state(struct play *p, uint32_t host, uint32_t conn,
                                               enum tcp_state from, enum tcp_state to)
{
    struct event *e = play_new(p, EVENT_STATE, host);
    e->as.state.conn = conn;
    e->as.state.from = from;
    e->as.state.to = to;
    if (to == STATE_TIME_WAIT)
        e->as.state.expires_ns = 60 * CLOCK_S;
    play_emit(p);
}

// Queues of a connection's end, or (conn 0) of a listener: begin, add what else there is, emit.
static __attribute__((unused)) struct event_queue *play_queue(struct play *p, uint32_t host,
                                                              uint32_t conn, enum tcp_state state,
                                                              int64_t recv_q, int64_t send_q)
{
    struct event *e = play_new(p, EVENT_QUEUE, host);
    struct event_queue *q = &e->as.queue;
    e->actor = 0;
    q->conn = conn;
    q->sock = state == STATE_LISTEN;
    q->state = state;
    q->recv_q = recv_q;
    q->send_q = send_q;
    q->local = play_host_addr(host, state == STATE_LISTEN ? 8080 : 40312);
    return q;
}

static struct event_packet *play_packet(struct play *p, uint32_t wire, uint32_t from, uint32_t to,
                                        uint32_t conn, uint32_t flags)
{
    struct event *e = play_new(p, EVENT_PACKET, from);
    struct event_packet *k = &e->as.packet;
    e->actor = 0;
    k->wire = wire;
    k->from = from;
    k->to = to;
    k->conn = conn;
    k->protocols = PROTOCOL_ETH | PROTOCOL_IP | PROTOCOL_TCP;
    k->from_address = play_host_addr(from, 40312);
    k->to_address = play_host_addr(to, 8080);
    k->flags = flags;
    k->window = 64128;
    return k;
}

static __attribute__((unused)) uint64_t play_syn(struct play *p, uint32_t wire, uint32_t from,
                                                 uint32_t to, uint32_t conn, uint32_t flags)
{
    struct event_packet *k = play_packet(p, wire, from, to, conn, flags);
    k->window = flags & TCP_ACK ? 65160 : 64240;
    k->mss = 1460;
    k->window_scale = 7;
    k->sack_permitted = k->timestamps = 1;
    k->ack = flags & TCP_ACK ? 1 : 0;
    return play_emit(p);
}

static __attribute__((unused)) uint64_t play_segment(struct play *p, uint32_t wire, uint32_t from,
                                                     uint32_t to, uint32_t conn, uint32_t flags,
                                                     uint32_t seq, uint32_t len, uint32_t ack)
{
    struct event_packet *k = play_packet(p, wire, from, to, conn, flags | TCP_ACK);
    k->seq = seq;
    k->ack = ack;
    k->len = len;
    return play_emit(p);
}

static __attribute__((unused)) void play_fate(struct play *p, uint32_t host, uint64_t packet,
                                              enum packet_fate fate, const char *why)
{
    struct event *e = play_new(p, EVENT_ARRIVE, host);
    e->actor = 0;
    e->as.arrive.packet = packet;
    e->as.arrive.wire = 1;
    e->as.arrive.fate = fate;
    play_put(p, &e->as.arrive.why, why);
    play_emit(p);
}

static __attribute__((unused)) void play_arrive(struct play *p, uint32_t host, uint64_t packet)
{
    play_fate(p, host, packet, FATE_DELIVERED, "");
}

static __attribute__((unused)) void play_expect(struct play *p, bool ok, const char *text,
                                                uint32_t line)
{
    struct event *e = play_new(p, EVENT_EXPECT, 0);
    e->line = line;
    e->as.expect.ok = ok;
    play_put(p, &e->as.expect.text, text);
    if (!ok) {
        event_put_pair(e, sizeof p->record, &e->as.expect.values, "count", "4");
        event_put_pair(e, sizeof p->record, &e->as.expect.values, "reply", "\"pong\"");
    }
    play_emit(p);
}

static __attribute__((unused)) void play_end(struct play *p, uint32_t packets, uint32_t checks,
                                             uint32_t failed)
{
    struct event *e = play_new(p, EVENT_END, 0);
    e->as.end.ok = failed == 0;
    e->as.end.packets = packets;
    e->as.end.checks = checks;
    e->as.end.failed = failed;
    play_emit(p);
}
