// plays: the scenes that the tests of the views show.
#pragma once

#include "play.h"

#define US CLOCK_US
#define MS CLOCK_MS

enum { MAIN = 1, LISTENER, WORKER, WORKER2 };
enum { SERVER = 1, CLIENT = 2 }; // as declared; the link names the client first

static void at(struct play *p, int64_t us, uint32_t actor)
{
    p->t = us * US;
    p->actor = actor;
}

static void plays_listen(struct play *p, uint32_t host, int64_t us)
{
    at(p, us, MAIN);
    play_call(p, host, CALL_SOCKET, 0, 3)->fd = 3;
    play_emit(p);
    at(p, us + 20, MAIN);
    play_call(p, host, CALL_BIND, 0, 0)->address = (struct addr){.family = 4, .port = 8080};
    play_emit(p);
    at(p, us + 30, MAIN);
    play_call(p, host, CALL_LISTEN, 0, 0)->backlog = 128;
    play_emit(p);
    play_state(p, host, 0, STATE_CLOSE, STATE_LISTEN);
    play_actor(p, LISTENER, host, "server/listen", ROLE_SPAWNED, ENDED_NOT);
    at(p, us + 50, LISTENER);
    play_blocked(p, host, CALL_ACCEPT, 0, (struct addr){0});
}

// Three segments of 20 ms each; ends 40 ms later with the server's worker waiting in recv.
static void plays_handshake(struct play *p, int64_t us, uint32_t conn, uint32_t worker)
{
    at(p, us, MAIN);
    play_call(p, CLIENT, CALL_SOCKET, 0, 2 + conn);
    play_emit(p);
    at(p, us + 40, MAIN);
    play_blocked(p, CLIENT, CALL_CONNECT, conn, play_host_addr(SERVER, 8080));
    play_state(p, CLIENT, conn, STATE_CLOSE, STATE_SYN_SENT);
    at(p, us + 60, 0);
    uint64_t syn = play_syn(p, 1, CLIENT, SERVER, conn, TCP_SYN);
    at(p, us + 20100, 0);
    play_arrive(p, SERVER, syn);
    play_state(p, SERVER, conn, STATE_NONE, STATE_SYN_RECV);
    at(p, us + 20140, 0);
    uint64_t answer = play_syn(p, 1, SERVER, CLIENT, conn, TCP_SYN | TCP_ACK);
    at(p, us + 40180, 0);
    play_arrive(p, CLIENT, answer);
    play_state(p, CLIENT, conn, STATE_SYN_SENT, STATE_ESTABLISHED);
    at(p, us + 40220, 0);
    uint64_t ack = play_segment(p, 1, CLIENT, SERVER, conn, 0, 1, 0, 1);
    at(p, us + 40260, MAIN);
    struct event_call *c = play_call(p, CLIENT, CALL_CONNECT, conn, 0);
    c->address = play_host_addr(SERVER, 8080);
    c->blocked_ns = 40100 * US;
    play_emit(p);
    at(p, us + 60300, 0);
    play_arrive(p, SERVER, ack);
    play_state(p, SERVER, conn, STATE_SYN_RECV, STATE_ESTABLISHED);
    at(p, us + 60340, LISTENER);
    c = play_call(p, SERVER, CALL_ACCEPT, conn, 3 + conn);
    c->address = play_host_addr(CLIENT, (uint16_t)(40311 + conn));
    c->blocked_ns = us * US + 60000 * US;
    play_emit(p);
    char name[32];
    snprintf(name, sizeof name, "server/%u", conn);
    play_actor(p, worker, SERVER, name, ROLE_HANDLER, ENDED_NOT);
    play_blocked(p, SERVER, CALL_ACCEPT, 0, (struct addr){0});
    at(p, us + 60370, worker);
    play_blocked(p, SERVER, CALL_RECV, conn, (struct addr){0});
}

static void plays_opening(struct play *p, const char *title)
{
    play_scene(p, title, "ping-pong.lua");
    play_host(p, SERVER, "server");
    play_host(p, CLIENT, "client");
    play_link(p, 1, (uint32_t[]){CLIENT, SERVER}, 2, 20 * MS);
    play_actor(p, MAIN, 0, "main", ROLE_MAIN, ENDED_NOT);
}

static void plays_ping(struct play *p, int64_t us)
{
    at(p, us, MAIN);
    play_say(p, "짧은 메시지는 세그먼트 하나에 들어갑니다. 18 바이트를 보내면 패킷이 몇 개 "
                "보일까요? 먼저 손으로 세어 봅시다.");
    play_send(p, CLIENT, 1, 5, "ping\n");
    at(p, us + 20, 0);
    uint64_t ping = play_segment(p, 1, CLIENT, SERVER, 1, TCP_PSH, 1, 5, 1);
    at(p, us + 60, MAIN);
    play_blocked(p, CLIENT, CALL_RECV, 1, (struct addr){0});
    at(p, us + 20080, 0);
    play_arrive(p, SERVER, ping);
    uint64_t ack = play_segment(p, 1, SERVER, CLIENT, 1, 0, 1, 0, 6);
    at(p, us + 20120, WORKER);
    play_recv(p, SERVER, 1, 5, 20100 * US, "ping\n");
    play_send(p, SERVER, 1, 5, "pong\n");
    uint64_t pong = play_segment(p, 1, SERVER, CLIENT, 1, TCP_PSH, 1, 5, 6);
    play_blocked(p, SERVER, CALL_RECV, 1, (struct addr){0});
    at(p, us + 40160, 0);
    play_arrive(p, CLIENT, ack);
    at(p, us + 40200, 0);
    play_arrive(p, CLIENT, pong);
    uint64_t last = play_segment(p, 1, CLIENT, SERVER, 1, 0, 6, 0, 6);
    at(p, us + 40240, MAIN);
    play_recv(p, CLIENT, 1, 5, 40100 * US, "pong\n");
    at(p, us + 60240, 0);
    play_arrive(p, SERVER, last);
}

static void plays_long_reply(struct play *p, int64_t us)
{
    static const uint32_t lens[] = {1448, 1448, 1448, 656};
    uint64_t ids[4], acks[2];
    at(p, us, MAIN);
    play_cue(p, "Five thousand bytes do not fit.", true);
    play_send(p, CLIENT, 1, 5, "long\n");
    uint64_t request = play_segment(p, 1, CLIENT, SERVER, 1, TCP_PSH, 6, 5, 6);
    play_blocked(p, CLIENT, CALL_RECV, 1, (struct addr){0});
    at(p, us + 20080, 0);
    play_arrive(p, SERVER, request);
    at(p, us + 20120, WORKER);
    play_recv(p, SERVER, 1, 5, 80100 * US, "long\n");
    play_send(p, SERVER, 1, 5000, "0001 0002 0003 0004 0005 0006 0007 0008");
    for (uint32_t i = 0, seq = 6; i < 4; seq += lens[i++])
        ids[i] = play_segment(p, 1, SERVER, CLIENT, 1, i == 3 ? TCP_PSH : 0, seq, lens[i], 11);
    play_blocked(p, SERVER, CALL_RECV, 1, (struct addr){0});
    for (uint32_t i = 0; i < 4; i++) {
        at(p, us + 40200 + 10 * i, 0);
        play_arrive(p, CLIENT, ids[i]);
        if (i == 0) {
            at(p, us + 40205, MAIN);
            play_recv(p, CLIENT, 1, 1448, 40100 * US, "0001 0002 0003 0004 0005 0006 0007 0008");
        }
        if (i % 2) {
            at(p, us + 40205 + 10 * i, 0);
            acks[i / 2] = play_segment(p, 1, CLIENT, SERVER, 1, 0, 11, 0, i == 1 ? 2902 : 5006);
        }
    }
    at(p, us + 40300, MAIN);
    play_recv(p, CLIENT, 1, 3552, 0, "0290 0291 0292");
    at(p, us + 60290, 0);
    play_arrive(p, SERVER, acks[0]);
    play_arrive(p, SERVER, acks[1]);
}

static void plays_close(struct play *p, int64_t us)
{
    at(p, us, MAIN);
    play_call(p, CLIENT, CALL_CLOSE, 1, 0)->fd = 3;
    play_emit(p);
    play_state(p, CLIENT, 1, STATE_ESTABLISHED, STATE_FIN_WAIT1);
    uint64_t fin = play_segment(p, 1, CLIENT, SERVER, 1, TCP_FIN, 11, 0, 5006);
    at(p, us + 20080, 0);
    play_arrive(p, SERVER, fin);
    play_state(p, SERVER, 1, STATE_ESTABLISHED, STATE_CLOSE_WAIT);
    at(p, us + 20120, WORKER);
    play_recv(p, SERVER, 1, 0, 60100 * US, "");
    play_call(p, SERVER, CALL_CLOSE, 1, 0)->fd = 4;
    play_emit(p);
    play_state(p, SERVER, 1, STATE_CLOSE_WAIT, STATE_LAST_ACK);
    uint64_t fin2 = play_segment(p, 1, SERVER, CLIENT, 1, TCP_FIN, 5006, 0, 12);
    play_actor(p, WORKER, SERVER, "server/1", ROLE_HANDLER, ENDED_NORMAL);
    at(p, us + 40160, 0);
    play_arrive(p, CLIENT, fin2);
    play_state(p, CLIENT, 1, STATE_FIN_WAIT1, STATE_TIME_WAIT);
    uint64_t last = play_segment(p, 1, CLIENT, SERVER, 1, 0, 12, 0, 5007);
    at(p, us + 60240, 0);
    play_arrive(p, SERVER, last);
    play_state(p, SERVER, 1, STATE_LAST_ACK, STATE_NONE);
}

static void play_ping_pong(struct play *p)
{
    plays_opening(p, "One message, how many packets?");
    plays_listen(p, SERVER, 210);
    plays_handshake(p, 340, 1, WORKER);
    plays_ping(p, 61000);
    plays_long_reply(p, 121500);
    plays_close(p, 182000);
    at(p, 300000, MAIN);
    play_expect(p, true, "5 data segments in all", 23);
    play_end(p, 16, 1, 0);
}

// The second of three segments is lost; duplicate ACKs, repetition.
static void play_loss(struct play *p)
{
    plays_opening(p, "How does TCP know that a packet was lost?");
    plays_listen(p, SERVER, 210);
    plays_handshake(p, 340, 1, WORKER);
    at(p, 61000, WORKER);
    play_send(p, SERVER, 1, 7240, "0001 0002 0003 0004");
    uint64_t ids[5];
    for (uint32_t i = 0; i < 5; i++) {
        ids[i] = play_segment(p, 1, SERVER, CLIENT, 1, i == 4 ? TCP_PSH : 0, 1 + i * 1448, 1448, 1);
        if (i == 1)
            play_fate(p, 0, ids[i], FATE_DROPPED, "rule 1");
    }
    uint64_t acks[4];
    for (uint32_t i = 0, n = 0; i < 5; i++) {
        if (i == 1)
            continue;
        at(p, 81100 + 10 * i, 0);
        play_arrive(p, CLIENT, ids[i]);
        struct event_packet *k = play_packet(p, 1, CLIENT, SERVER, 1, TCP_ACK);
        k->seq = 1;
        k->ack = 1449;
        if (i > 1) {
            uint64_t edges[] = {2897, 1449 + 1448 * i};
            k->note = NOTE_DUPLICATE_ACK;
            event_put((struct event *)p->record, sizeof p->record, &k->sack, edges, sizeof edges);
        }
        acks[n++] = play_emit(p);
    }
    for (uint32_t i = 0; i < 4; i++) {
        at(p, 101200 + 10 * i, 0);
        play_arrive(p, SERVER, acks[i]);
        if (i == 2) {
            struct event_packet *k = play_packet(p, 1, SERVER, CLIENT, 1, TCP_ACK);
            k->seq = 1449;
            k->len = 1448;
            k->ack = 1;
            k->note = NOTE_RETRANSMISSION;
            k->kind = KIND_FAST;
            k->of = ids[1];
            ids[0] = play_emit(p);
        }
    }
    at(p, 121300, 0);
    play_fate(p, 0, ids[0], FATE_HELD, "rule 2");
    at(p, 830000, 0);
    play_arrive(p, CLIENT, ids[0]);
    at(p, 831000, 0);
    ids[1] = play_segment(p, 1, CLIENT, SERVER, 1, 0, 1, 0, 7241);
    at(p, 851000, 0);
    play_arrive(p, SERVER, ids[1]);
    struct event *e = play_new(p, EVENT_LATE, 0);
    e->as.late.late_ns = 7300 * US;
    play_emit(p);
    play_expect(p, false, "the lost segment was sent again within 200 ms, and nothing else was",
                31);
    e = play_new(p, EVENT_ERROR, 0);
    play_put(p, &e->as.error.message, "attempt to call a nil value (field 'sendd')");
    play_put(p, &e->as.error.where, "loss.lua:33: in main");
    e->line = 33;
    play_emit(p);
    play_end(p, 14, 3, 1);
}

// Nobody accepts: connections wait, until one more does not fit. Then nobody reads.
static struct event_packet *plays_datagram(struct play *p, uint32_t from, uint32_t to,
                                           uint32_t protocol)
{
    struct event_packet *k = play_packet(p, 1, from, to, 0, 0);
    k->protocols = PROTOCOL_ETH | PROTOCOL_IP | protocol;
    k->to_address.port = protocol == PROTOCOL_UDP ? 53 : 0;
    return k;
}

static void plays_error(struct play *p, enum message message, uint32_t code, uint32_t mtu)
{
    struct event_packet *k = plays_datagram(p, SERVER, CLIENT, PROTOCOL_ICMP);
    k->icmp = message;
    k->icmp_type = 3;
    k->icmp_code = code;
    k->icmp_mtu = mtu;
    k->about_protocols = PROTOCOL_IP | PROTOCOL_UDP;
    k->about_to = play_host_addr(SERVER, 53);
    play_arrive(p, CLIENT, play_emit(p));
}

// Datagrams: their calls, fragments, and what ICMP says.
static void play_datagrams(struct play *p)
{
    plays_opening(p, "Datagrams");
    at(p, 100, MAIN);
    play_call(p, CLIENT, CALL_SOCKET, 0, 3)->socket = SOCKET_UDP;
    play_emit(p);
    struct event_call *c = play_call(p, CLIENT, CALL_SENDTO, 0, 3000);
    c->size = 3000;
    c->address = play_host_addr(SERVER, 53);
    play_emit(p);
    for (int32_t offset = 0; offset < 3000; offset += 1480) {
        struct event_packet *k = plays_datagram(p, CLIENT, SERVER, offset ? 0 : PROTOCOL_UDP);
        k->len = offset ? 1480 : 1472;
        k->fragment = offset;
        k->more_fragments = offset < 2000;
        k->fragment_id = 7;
        play_arrive(p, SERVER, play_emit(p));
    }
    c = play_call(p, SERVER, CALL_RECVFROM, 0, 10);
    c->address = play_host_addr(CLIENT, 40312);
    c->flags = CALL_CUT;
    play_emit(p);
    plays_error(p, MESSAGE_PORT_UNREACHABLE, 3, 0);
    plays_error(p, MESSAGE_FRAGMENTATION_NEEDED, 4, 1400);
    c = play_call(p, CLIENT, CALL_RECVFROM, 0, 64);
    c->address = play_host_addr(SERVER, 0);
    c->flags = CALL_ERRORS;
    play_put(p, &c->option, "EMSGSIZE fragmentation needed");
    play_emit(p);
    struct event_packet *k = plays_datagram(p, CLIENT, SERVER, PROTOCOL_ICMP);
    k->icmp = MESSAGE_ECHO_REQUEST;
    k->icmp_type = 8;
    k->icmp_id = 77;
    k->icmp_seq = 2;
    play_arrive(p, SERVER, play_emit(p));
    plays_datagram(p, CLIENT, SERVER, PROTOCOL_ICMP)->icmp_type = 13;
    play_emit(p);
    play_end(p, 7, 0, 0);
}

static void play_queues(struct play *p)
{
    plays_opening(p, "Who waits where?");
    at(p, 210, MAIN);
    play_call(p, SERVER, CALL_LISTEN, 0, 0)->backlog = 1;
    play_emit(p);
    at(p, 2000, 0);
    for (int64_t waiting = 1; waiting <= 2; waiting++) {
        play_queue(p, SERVER, 0, STATE_LISTEN, waiting, 1);
        play_emit(p);
    }
    for (uint32_t again = 0; again < 2; again++) {
        at(p, 30000 + again * 1000000, 0);
        uint64_t syn = play_syn(p, 1, CLIENT, SERVER, 3, TCP_SYN);
        if (again) {
            struct event_queue *q = play_queue(p, CLIENT, 3, STATE_SYN_SENT, 0, 1);
            q->timer = TIMER_RETRANSMIT;
            q->retransmits = 1;
            q->expires_ns = 2 * CLOCK_S;
            play_emit(p);
        }
        at(p, 50000 + again * 1000000, 0);
        play_arrive(p, SERVER, syn);
        struct event_queue *q = play_queue(p, SERVER, 3, STATE_LISTEN, 2, 1);
        q->refused = REFUSED_SYN;
        q->overflows = q->drops = 1;
        play_emit(p);
    }
    at(p, 1100000, MAIN);
    play_say(p, "And nobody reads.");
    play_queue(p, SERVER, 1, STATE_ESTABLISHED, 95688, 0);
    play_emit(p);
    play_queue(p, CLIENT, 1, STATE_ESTABLISHED, 0, 216120);
    play_emit(p);
    struct event_queue *q = play_queue(p, CLIENT, 1, STATE_ESTABLISHED, 0, 216120);
    q->timer = TIMER_PROBE;
    q->retransmits = 2;
    q->expires_ns = 800 * MS;
    play_emit(p);
    struct event *e = play_new(p, EVENT_STATE, SERVER);
    e->as.state.conn = 2;
    e->as.state.from = STATE_ESTABLISHED;
    e->as.state.to = STATE_CLOSE_WAIT;
    e->as.state.recv_q = 8;
    e->as.state.send_q = 0;
    play_emit(p);
    play_end(p, 2, 0, 0);
}

// An accept queue that fills and empties fast, while nobody waits in accept, and with somebody.
static void play_crowd(struct play *p)
{
    plays_opening(p, "A crowd");
    for (int64_t waiting = 1; waiting <= 100; waiting++) {
        at(p, 1000 + waiting, 0);
        play_queue(p, SERVER, 0, STATE_LISTEN, waiting, 128);
        play_emit(p);
    }
    at(p, 2000, MAIN);
    play_say(p, "Now somebody takes them.");
    for (int64_t waiting = 99; waiting >= 0; waiting--) {
        play_queue(p, SERVER, 0, STATE_LISTEN, waiting, 128);
        play_emit(p);
    }
    static const enum call calls[] = {CALL_ACCEPT, CALL_EPOLL_WAIT};
    for (int i = 0; i < 2; i++) {
        p->actor = MAIN;
        struct event *e = play_new(p, EVENT_BLOCKED, SERVER);
        e->as.blocked.call = calls[i];
        e->as.blocked.sock = i ? 0 : 1;
        play_emit(p);
        for (int64_t waiting = 1; waiting >= 0; waiting--) {
            play_queue(p, SERVER, 0, STATE_LISTEN, waiting, 999);
            play_emit(p);
            if (waiting)
                play_call(p, SERVER, calls[i], 0, 4)->sock = i ? 0 : 1;
            if (waiting)
                play_emit(p);
        }
    }
    play_queue(p, SERVER, 0, STATE_LISTEN, 1, 777); // nobody waits any more
    play_emit(p);
    play_end(p, 0, 0, 0);
}

// A packet through a middle host, and one that crosses it the other way; `hosts` in all.
static void play_many(struct play *p, uint32_t hosts)
{
    static const char *const names[] = {"client",  "proxy",  "server",  "database", "cache",
                                        "monitor", "backup", "printer", "clock",    "lamp"};
    uint32_t all[10];
    play_scene(p, "Several hosts", "many.lua");
    for (uint32_t i = 0; i < hosts; i++) {
        play_host(p, i + 1, names[i]);
        all[i] = i + 1;
    }
    if (hosts > 1)
        play_link(p, 1, all, hosts, 2 * MS);
    play_actor(p, MAIN, 0, "main", ROLE_MAIN, ENDED_NOT);
    play_actor(p, LISTENER, 0, "server/listen", ROLE_SPAWNED, ENDED_NOT);
    at(p, 100, MAIN);
    play_say(p, "Who talks to whom?");
    for (uint32_t i = 0; i < hosts; i++) {
        play_call(p, i + 1, CALL_SOCKET, 0, 3);
        play_emit(p);
    }
    uint64_t ids[10], back[10];
    at(p, 300, MAIN);
    play_blocked(p, 1, CALL_CONNECT, 1, play_host_addr(hosts, 8080));
    for (uint32_t i = 1; i < hosts; i++)
        ids[i] = play_syn(p, 1, 1, i + 1, i, TCP_SYN);
    for (uint32_t i = 1; i < hosts; i++)
        back[i] = play_segment(p, 1, i + 1, 1, i, TCP_PSH, 1, 100 * i, 1);
    at(p, 2300, 0);
    for (uint32_t i = 1; i < hosts; i++)
        play_arrive(p, i + 1, ids[i]);
    for (uint32_t i = 1; i < hosts; i++)
        play_arrive(p, 1, back[i]);
    at(p, 2500, MAIN);
    struct event_call *c = play_call(p, 1, CALL_CONNECT, 1, -ECONNREFUSED);
    c->blocked_ns = 2200 * US;
    play_emit(p);
    if (hosts > 1) {
        struct event *e = play_new(p, EVENT_PACKET, 2);
        e->as.packet.wire = 1;
        e->as.packet.protocols = PROTOCOL_ETH | PROTOCOL_ARP;
        e->as.packet.to_address = play_host_addr(1, 0);
        ids[0] = play_emit(p);
        play_arrive(p, 1, ids[0]);
    }
    ids[0] = play_segment(p, 2, 1, 1, 1, TCP_PSH, 1, 4096,
                          1); // over its own loopback: no such wire known
    play_arrive(p, 1, ids[0]);
    play_end(p, 2 * hosts, 0, 0);
}

// 400 segments of one transfer, with ACKs and partial reads between.
static void play_transfer(struct play *p)
{
    plays_opening(p, "Half a megabyte");
    plays_listen(p, SERVER, 210);
    plays_handshake(p, 340, 1, WORKER);
    at(p, 61000, WORKER);
    play_send(p, SERVER, 1, 579200, "0001 0002 0003 0004");
    uint64_t ids[420] = {0}, acks[420] = {0};
    for (uint32_t i = 0; i < 410; i++) {
        at(p, 61100 + 2000 * i, 0);
        if (i < 400)
            ids[i] = play_segment(p, 1, SERVER, CLIENT, 1, 0, 1 + i * 1448, 1448, 1);
        if (i >= 10) {
            play_arrive(p, CLIENT, ids[i - 10]);
            acks[i] = play_segment(p, 1, CLIENT, SERVER, 1, 0, 1, 0, 1449 + 1448 * (i - 10));
            p->actor = MAIN;
            play_recv(p, CLIENT, 1, 1448, 0, "");
            play_blocked(p, CLIENT, CALL_RECV, 1, (struct addr){0});
        }
        p->actor = 0;
        if (i >= 20)
            play_arrive(p, SERVER, acks[i - 10]);
    }
    plays_close(p, 1600000);
    play_end(p, 800, 0, 0);
}

// Deep in a run that is folded one segment is lost.
static void play_lossy_transfer(struct play *p)
{
    plays_opening(p, "One of fifty");
    plays_listen(p, SERVER, 210);
    plays_handshake(p, 340, 1, WORKER);
    at(p, 61000, WORKER);
    play_send(p, SERVER, 1, 72400, "0001 0002 0003 0004");
    uint64_t ids[50];
    at(p, 61100, 0);
    for (uint32_t i = 0; i < 50; i++) {
        ids[i] = play_segment(p, 1, SERVER, CLIENT, 1, 0, 1 + i * 1448, 1448, 1);
        if (i == 40)
            play_fate(p, 0, ids[i], FATE_DROPPED, "loss");
    }
    at(p, 81200, 0);
    for (uint32_t i = 0; i < 50; i++)
        if (i != 40)
            play_arrive(p, CLIENT, ids[i]);
    play_end(p, 53, 0, 0);
}

// Text of all kinds in narration, in several connections.
static void play_words(struct play *p)
{
    plays_opening(p, "제목: 포트와 연결 — 그리고 아주 긴 제목이 이어져서 한 줄에 들어가지 않을 "
                     "때도 폭을 넘지 않아야 한다");
    plays_listen(p, SERVER, 210);
    plays_handshake(p, 340, 1, WORKER);
    plays_handshake(p, 80000, 2, WORKER2);
    at(p, 150000, MAIN);
    play_say(p,
             "아주아주긴낱말이하나있어서칸을넘어가는경우에도글자가잘려서는안됩니다아주아주긴낱말이"
             "하나있어서\n\nsecond paragraph\twith a tab, e\xcc\x81 and \x1b[31m an escape \xff.");
    struct event *e = play_new(p, EVENT_PRINT, 0);
    play_put(p, &e->as.print.text,
             "printed 인쇄된 글\nand a second line of it that is long enough to be wrapped on most "
             "pages, is it not?");
    play_emit(p);
    at(p, 150100, WORKER);
    play_call(p, SERVER, CALL_RECV, 1, -EAGAIN);
    play_emit(p);
    play_call(p, SERVER, CALL_SETSOCKOPT, 1, 0);
    play_put(p, &((struct event *)p->record)->as.call.option, "SO_LINGER {on, 0 s}");
    play_emit(p);
    play_call(p, SERVER, CALL_SHUTDOWN, 2, 0)->how = 2;
    play_emit(p);
    play_send(p, SERVER, 1, 12, "한국어와 \x01\xff\n");
    uint64_t id = play_segment(p, 1, SERVER, CLIENT, 1, TCP_PSH, 1, 12, 1);
    p->actor = MAIN;
    play_say(p, "with a packet in flight");
    p->t += 20 * MS;
    play_arrive(p, CLIENT, id);
    play_end(p, 9, 0, 0);
}

static void plays_rule(struct play *p, enum rule_action action, const char *text, uint64_t hits)
{
    struct event *e = play_new(p, EVENT_RULE, 0);
    struct event_rule *r = &e->as.rule;
    r->wire = 1;
    r->action = action;
    r->from = action == RULE_DROP ? SERVER : 0;
    r->by_ns = action == RULE_DELAY ? 200 * MS : 0;
    r->ended = hits > 0;
    r->hits = hits;
    play_put(p, &r->text, text);
    play_emit(p);
}

// Rules come and go; packets wait for the presenter, come twice, come wrong.
static void play_rules(struct play *p)
{
    plays_opening(p, "Exactly this packet");
    plays_listen(p, SERVER, 210);
    plays_handshake(p, 340, 1, WORKER);
    at(p, 61000, MAIN);
    plays_rule(p, RULE_DROP, "data, nth 3", 0);
    plays_rule(p, RULE_DELAY, "", 0);
    plays_rule(p, RULE_CUT, "", 0);
    plays_rule(p, RULE_CUT, "", 1);
    struct event *e = play_new(p, EVENT_LINK, 0);
    struct interface_end ends[2] = {{.host = CLIENT}, {.host = SERVER}};
    play_put(p, &e->as.link.name, "wire");
    event_put(e, sizeof p->record, &e->as.link.ends, ends, sizeof ends);
    event_put_pair(e, sizeof p->record, &e->as.link.options, "loss", "1%");
    event_put_pair(e, sizeof p->record, &e->as.link.options, "rate", "10mbit");
    e->as.link.wire = 1;
    e->as.link.from = SERVER;
    e->as.link.again = 1;
    e->as.link.delay_ns = 30 * MS;
    play_emit(p);
    at(p, 70000, 0);
    uint64_t waits = play_segment(p, 1, CLIENT, SERVER, 1, 0, 1, 5, 1);
    at(p, 90000, 0);
    play_fate(p, 0, waits, FATE_HELD, "step");
    at(p, 95000, 0);
    struct event *arrive = play_new(p, EVENT_ARRIVE, SERVER);
    arrive->actor = 0;
    arrive->as.arrive.packet = waits;
    arrive->as.arrive.wire = 1;
    arrive->as.arrive.fate = FATE_DELIVERED;
    arrive->as.arrive.copies = 2;
    play_emit(p);
    play_fate(p, SERVER, waits, FATE_DUPLICATED, "");
    uint64_t wrong = play_segment(p, 1, CLIENT, SERVER, 1, 0, 6, 5, 1);
    at(p, 115000, 0);
    play_fate(p, SERVER, wrong, FATE_CORRUPTED, "");
    play_packet(p, 1, CLIENT, SERVER, 1, TCP_RST)->origin = ORIGIN_SCENE;
    play_arrive(p, SERVER, play_emit(p));
    plays_rule(p, RULE_DELAY, "", 1);
    plays_rule(p, RULE_FLAP, "up 1s, down 2s", 3);
    play_end(p, 6, 0, 0);
}
