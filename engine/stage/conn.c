// Implementation of conn.h.
#include "stage/conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "kernel/diag.h"
#include "stage/conn_path.h"
#include "stage/sock.h"
#include "stage/stage.h"

void conns_fini(struct conns *c, struct timers *timers)
{
    HASH_CLEAR(hh, c->by_key);
    for (uint32_t i = 0; i < c->count; i++) {
        struct conn *gone = c->all[i];
        for (int side = 0; side < 2; side++) {
            timer_stop(timers, &gone->end[side].recheck);
            ranges_fini(&gone->end[side].sends);
            ranges_fini(&gone->end[side].deliveries);
            free(gone->end[side].figures);
        }
        conn_paths_free(gone);
        free(gone);
    }
    free(c->all);
    *c = (struct conns){0};
}

bool conn_is_local(const struct conn *c)
{
    return c->stage->loopback || c->end[0].host == c->end[1].host;
}

static void recheck(struct timer *t)
{
    struct conn_end *end = (struct conn_end *)t;
    conn_observe(end->conn, (int)(end - end->conn->end), NULL, 0);
}

struct conn *conn_new(struct host *on, const struct addr *from, const struct addr *to)
{
    struct stage *s = on->stage;
    struct conns *all = &s->conns;
    struct conn *c = mem_new(sizeof *c);
    if (all->count == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 64;
        all->all = mem_resize(all->all, all->cap * sizeof *all->all);
    }
    all->all[all->count++] = c;
    c->stage = s;
    c->number = all->count;
    c->end[0].address = c->end[1].peer = *from;
    c->end[1].address = c->end[0].peer = *to;
    c->older = conn_find(on, from, to, &(int){0});
    conn_path_add(c, on, from, to);
    for (int side = 0; side < 2; side++) {
        c->end[side].conn = c;
        c->end[side].recheck.fire = recheck;
        c->end[side].state = STATE_CLOSE;
        c->end[side].closely = s->observe.closely;
        c->end[side].host = c->paths->key.host ? on : stage_host_of(s, &c->end[side].address);
    }
    if (memcmp(from, to, sizeof *from) == 0)
        c->end[1].host = NULL; // connected with itself: there is but one socket
    return c;
}

void conn_far_end(struct conn *c, const struct addr *peer, const struct addr *address)
{
    c->end[1].peer = *peer;
    c->end[1].address = *address;
    c->end[1].host = stage_host_of(c->stage, address);
}

bool conn_passes(const struct conn *c, const struct host *h)
{
    return c->end[0].host != h && c->end[1].host != h;
}

// What the kernel says of an end's socket: its descriptor tells the state, and where that is news
// its addresses tell the rest. While TIME_WAIT runs the descriptor says CLOSE, and only the
// addresses tell. *whole: more than the state is known.
static int ask_kernel(const struct conn *c, int side, struct diag_socket *found, bool *whole)
{
    const struct conn_end *end = &c->end[side];
    struct diag_socket by_address;
    *found = (struct diag_socket){.state = STATE_CLOSE};
    *whole = false;
    if (end->sock) {
        struct tcp_info info;
        if (sock_info(end->sock, &info) != 0)
            return -1;
        found->state = (enum tcp_state)info.tcpi_state;
        if (found->state != STATE_CLOSE &&
            (found->state == end->state || c->stage->observe.nothing))
            return 0;
    }
    if (host_diag(end->host, &end->address, &end->peer, &by_address) != 0)
        return end->sock ? 0 : -1;
    if (by_address.state != STATE_CLOSE) {
        *found = by_address;
        *whole = true;
    }
    return 0;
}

// See sk_stream_wait_close() of Linux.
static bool is_closing(enum tcp_state state)
{
    return state == STATE_FIN_WAIT1 || state == STATE_CLOSING || state == STATE_LAST_ACK;
}

bool conn_is_closing(const struct conn *c, int side)
{
    struct diag_socket now;
    bool whole;
    return c->end[side].host && ask_kernel(c, side, &now, &whole) == 0 && is_closing(now.state);
}

static void log_state(struct conn *c, int side, const struct diag_socket *now, bool whole,
                      const struct actor *actor, uint64_t cause)
{
    struct conn_end *end = &c->end[side];
    struct event *e = log_begin(&c->stage->log, EVENT_STATE, actor, end->host->number, cause);
    e->as.state.sock = end->sock ? end->sock->number : 0;
    e->as.state.conn = c->number;
    e->as.state.local = end->address;
    e->as.state.peer = end->peer;
    e->as.state.from = end->state;
    e->as.state.to = now->state;
    if (whole) {
        e->as.state.recv_q = now->recv_q;
        e->as.state.send_q = now->send_q;
        e->as.state.timer = now->timer;
        e->as.state.retransmits = now->retransmits;
        e->as.state.expires_ns = now->expires_ns;
    }
    observe_told(end, now);
    end->state = now->state;
    log_commit(&c->stage->log, e);
    if (end->closing && !is_closing(now->state))
        ready_source_wake(&end->closing->ready);
}

void conn_recheck(struct conn_end *end, int64_t expires_ns)
{
    timer_set(&end->conn->stage->timers, &end->recheck, clock_now() + expires_ns + 5 * CLOCK_MS);
}

// The kernel has let go of what was left of an older connection (TIME_WAIT), since a new one took
// its addresses here.
static void end_older(const struct conn *c, int side, uint64_t cause)
{
    const struct conn_end *end = &c->end[side];
    for (int i = 0; c->older && i < 2; i++) {
        struct conn_end *old = &c->older->end[i];
        if (old->host != end->host || old->state == STATE_CLOSE ||
            memcmp(&old->address, &end->address, sizeof old->address) != 0)
            continue;
        timer_stop(&c->stage->timers, &old->recheck);
        log_state(c->older, i, &(struct diag_socket){.state = STATE_CLOSE}, false, NULL, cause);
    }
}

// Whether a connection in this state has not come to the listener's accept queue yet.
static bool is_before_queue(enum tcp_state state)
{
    return state == STATE_CLOSE || state == STATE_SYN_RECV;
}

void conn_observe(struct conn *c, int side, const struct actor *actor, uint64_t cause)
{
    struct conn_end *end = &c->end[side];
    enum tcp_state before = end->state;
    struct diag_socket now;
    bool whole;
    if (!end->host || ask_kernel(c, side, &now, &whole) != 0)
        return;
    if (now.state != before && before == STATE_CLOSE)
        end_older(c, side, cause);
    if (now.state != before)
        log_state(c, side, &now, whole, actor, cause);
    if (!end->sock && is_before_queue(before) && !is_before_queue(now.state))
        observe_accept_queue(end->host, &end->address, NULL, cause);
    // Without a descriptor nothing tells when a timer ends this state: look again when it should
    // have.
    timer_stop(&c->stage->timers, &end->recheck);
    if (now.timer != TIMER_OFF && (!end->sock || now.state == STATE_TIME_WAIT))
        conn_recheck(end, now.expires_ns);
}

void conn_arrived(struct conn *c, int side, unsigned flags, uint64_t cause)
{
    struct conn_end *end = &c->end[side];
    enum tcp_state before = end->state;
    if (flags & (TCP_SYN | TCP_FIN | TCP_RST) || before != STATE_ESTABLISHED)
        conn_observe(c, side, NULL, cause);
    bool was_handshake = !end->sock && is_before_queue(before) && !(flags & TCP_RST);
    if (was_handshake && (end->state == before || end->state == STATE_CLOSE))
        observe_refusal(end, flags & TCP_SYN ? REFUSED_SYN : REFUSED_ACK, cause);
    observe_moved(end, NULL, cause);
}

void conn_departed(struct conn *c, int side, unsigned flags, enum packet_note note,
                   enum retransmission_kind kind, bool timer, uint64_t cause)
{
    struct conn_end *end = &c->end[side];
    bool timer_ran_out = (note == NOTE_RETRANSMISSION && kind != KIND_FAST) ||
                         note == NOTE_WINDOW_PROBE || note == NOTE_KEEPALIVE;
    // What a timer sent may also have been the end of the socket, and a RST is.
    if ((timer && flags & TCP_FIN) || flags & TCP_RST)
        conn_observe(c, side, NULL, cause);
    if (timer_ran_out)
        observe_timer(end, cause);
    else if (note == NOTE_ZERO_WINDOW || note == NOTE_WINDOW_UPDATE)
        observe_now(end, NULL, cause);
}

bool conn_pending(const struct conn *c)
{
    for (int side = 0; side < 2; side++) {
        const struct conn_end *end = &c->end[side];
        struct diag_socket now;
        if (end->state == STATE_CLOSE || end->state == STATE_TIME_WAIT || !end->host)
            continue;
        if (host_diag(end->host, &end->address, &end->peer, &now) == 0 &&
            (now.timer == TIMER_RETRANSMIT || now.timer == TIMER_PROBE))
            return true;
    }
    return false;
}
