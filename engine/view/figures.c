// Implementation of figures.h.
#include "view/figures.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/clock.h"
#include "base/mem.h"
#include "event/fields.h"
#include "view/paint.h"

#define EACH_MAX                                                                                   \
    4 // accept queues are told step by step up to here, then where they double or halve

// Of a listener (by its socket), of one end of a connection, of an actor on a host, or of the host
// (with nothing else).
struct figure_key {
    uint32_t sock, conn, host, port, actor;
};

struct figure {
    struct figure_key key;
    UT_hash_handle hh;
    int64_t recv_q, send_q; // as told
    uint32_t retransmits;
    uint32_t snd_cwnd, snd_ssthresh;
    uint32_t states[STATE_COUNT]; // of a host
    int64_t latest;  // accept queue: as it is; differs from recv_q while that is untold
    uint32_t host;   // of a listener
    int waiting;     // of a host: actors in poll, select or epoll_wait
    bool is_waiting; // of an actor: it is one of them
    bool is_awaited; // of a listener: somebody waits in accept()
    bool is_refused; // there was no room for it in the accept queue
};

void figures_fini(struct figures *f)
{
    struct figure *one = f->all, *next;
    HASH_CLEAR(hh, f->all);
    for (; one; one = next) {
        next = one->hh.next;
        free(one);
    }
}

void figures_text_fini(struct figures_text *text)
{
    buf_fini(&text->must);
    buf_fini(&text->may);
}

static struct figure *get(struct figures *f, struct figure_key key)
{
    struct figure *found;
    HASH_FIND(hh, f->all, &key, sizeof key, found);
    if (!found) {
        found = mem_new(sizeof *found);
        found->key = key;
        HASH_ADD(hh, f->all, key, sizeof found->key, found);
    }
    return found;
}

static struct figure *of_listener(struct figures *f, uint32_t sock)
{
    return get(f, (struct figure_key){.sock = sock});
}

static struct figure *of_end(struct figures *f, const struct event *e, uint32_t conn,
                             const struct addr *local)
{
    return get(f, (struct figure_key){.conn = conn, .host = e->host, .port = local->port});
}

// Who waits for many waits for the listeners among them too.
static bool waits_for_many(uint32_t call)
{
    return call == CALL_POLL || call == CALL_SELECT || call == CALL_EPOLL_WAIT;
}

static void note_wait(struct figures *f, const struct event *e, uint32_t call, uint32_t sock)
{
    bool waits = e->type == EVENT_BLOCKED;
    if (call == CALL_ACCEPT)
        of_listener(f, sock)->is_awaited = waits;
    if (!waits_for_many(call))
        return;
    struct figure *actor = get(f, (struct figure_key){.host = e->host, .actor = e->actor});
    struct figure *host = get(f, (struct figure_key){.host = e->host});
    if (waits != actor->is_waiting)
        host->waiting += waits ? 1 : -1;
    actor->is_waiting = waits;
}

void figures_note(struct figures *f, const struct event *e)
{
    if (e->type == EVENT_CUE)
        f->paused = e->as.cue.presented;
    else if (e->type == EVENT_KEY)
        f->paused = false;
    if (e->type == EVENT_BLOCKED) {
        note_wait(f, e, e->as.blocked.call, e->as.blocked.sock);
    } else if (e->type == EVENT_CALL) {
        note_wait(f, e, e->as.call.call, e->as.call.sock);
    } else if (e->type == EVENT_STATE && e->as.state.conn && e->as.state.recv_q != EVENT_NONE) {
        struct figure *told = of_end(f, e, e->as.state.conn, &e->as.state.local);
        told->recv_q = e->as.state.recv_q;
        told->send_q = e->as.state.send_q;
        told->retransmits = e->as.state.retransmits;
    }
}

static void put_conn(const struct words *w, uint32_t conn, struct figures_text *text)
{
    if (w->name_conns && conn)
        buf_printf(&text->must, "c%u\u00a0", conn);
}

// `awaited`: somebody will take it at once.
static bool is_news(const struct figure *told, int64_t waiting, int64_t limit, bool awaited)
{
    int64_t before = told->recv_q;
    if (waiting == before || (waiting > before && awaited && waiting <= limit))
        return false;
    bool fills = waiting > limit && before <= limit;
    return waiting <= EACH_MAX || before == 0 || fills || waiting >= 2 * before ||
           waiting <= before / 2;
}

static void put_accept_queue(const struct words *w, int64_t waiting, int64_t limit,
                             struct figures_text *text)
{
    buf_printf(&text->must, "%s\u00a0", words_pick(w, "accept\u00a0queue", "accept\u00a0큐"));
    buf_printf(&text->must, words_pick(w, "%lld\u00a0of\u00a0%lld", "%lld/%lld"),
               (long long)waiting, (long long)limit);
    if (waiting > limit)
        buf_text(&text->may, words_pick(w, "full", "가득"));
}

// A SYN without an answer, or the last ACK of a handshake that was ignored; why is said once a
// connection.
static void put_refusal(const struct words *w, const struct event_queue *q, bool again,
                        struct figures_text *text)
{
    const char *why = q->overflows
                          ? words_pick(w, "accept\u00a0queue\u00a0full", "accept\u00a0큐\u00a0가득")
                          : words_pick(w, "by\u00a0the\u00a0listener", "리스너가\u00a0버림");
    text->alarm = true;
    put_conn(w, q->conn, text);
    buf_printf(&text->must, "%s\u00a0", paint_sign_text(w->unicode, SIGN_CROSS));
    buf_printf(&text->must, words_pick(w, "%s\u00a0dropped", "%s\u00a0버려짐"),
               names_of_refused[q->refused]);
    buf_printf(again ? &text->may : &text->must, again ? "%s" : ": %s", why);
}

static bool take_listener(struct figures *f, const struct words *w, const struct event *e,
                          struct figures_text *text)
{
    const struct event_queue *q = &e->as.queue;
    struct figure *told = of_listener(f, q->sock);
    if (q->refused) {
        struct figure *refused = of_end(f, e, q->conn, &q->local);
        put_refusal(w, q, refused->is_refused, text);
        refused->is_refused = true;
        return true;
    }
    told->host = e->host;
    told->latest = q->recv_q;
    told->send_q = q->send_q;
    bool awaited = told->is_awaited || get(f, (struct figure_key){.host = e->host})->waiting > 0;
    awaited &= !f->paused;
    if (!is_news(told, q->recv_q, q->send_q, awaited))
        return false;
    told->recv_q = q->recv_q;
    put_accept_queue(w, q->recv_q, q->send_q, text);
    return true;
}

bool figures_due(struct figures *f, const struct words *w, uint32_t *host,
                 struct figures_text *text)
{
    for (struct figure *one = f->all; one; one = one->hh.next)
        if (one->key.sock && one->latest != one->recv_q) {
            one->recv_q = one->latest;
            *host = one->host;
            put_accept_queue(w, one->recv_q, one->send_q, text);
            return true;
        }
    return false;
}

// A timer of the kernel ran out once more.
static void put_retry(const struct words *w, const struct event_queue *q, struct figures_text *text)
{
    static const char *const names[TIMER_COUNT] = {
        [TIMER_PROBE] = "probe", [TIMER_KEEPALIVE] = "keepalive"};
    const char *name = q->timer < TIMER_COUNT ? names[q->timer] : NULL;
    if (name)
        buf_printf(&text->must, "%s\u00a0%u", name, q->retransmits);
    else
        buf_printf(&text->must, "%s%u", paint_sign_text(w->unicode, SIGN_AGAIN), q->retransmits);
    if (q->expires_ns) {
        buf_text(&text->must, words_pick(w, ", next\u00a0in\u00a0", ", 다음\u00a0"));
        words_duration(&text->must, q->expires_ns);
        buf_text(&text->must, words_pick(w, "", "\u00a0뒤"));
    }
}

// SYN and FIN count as one byte each.
static bool counts_fin(uint32_t state, bool received)
{
    if (received)
        return state == STATE_CLOSE_WAIT || state == STATE_LAST_ACK || state == STATE_CLOSING;
    return state == STATE_FIN_WAIT1 || state == STATE_LAST_ACK || state == STATE_CLOSING;
}

static void put_bytes(struct buf *out, const char *name, int64_t bytes)
{
    bool first = out->len == 0 || memcmp(out->ptr + out->len - 2, "\u00a0", 2) == 0;
    buf_printf(out, "%s%s\u00a0", first ? "" : "  ", name);
    words_number(out, (uint64_t)bytes);
}

static void put_fin(const struct words *w, int64_t bytes, struct buf *out)
{
    if (bytes == 1)
        buf_text(out, words_pick(w, "the\u00a0FIN", "FIN"));
    else if (bytes > 1)
        buf_printf(out, words_pick(w, "%lld and the\u00a0FIN", "%lld바이트와 FIN"),
                   (long long)bytes - 1);
}

void figures_explain(const struct words *w, const struct event_state *s, struct buf *may)
{
    if (s->recv_q < 1 || !counts_fin(s->to, true))
        return;
    put_bytes(may, "Recv-Q", s->recv_q);
    buf_text(may, ": ");
    put_fin(w, s->recv_q, may);
}

static void put_queues(const struct words *w, const struct event_queue *q,
                       const struct figure *told, struct figures_text *text)
{
    if (q->recv_q != told->recv_q) {
        put_bytes(&text->must, "Recv-Q", q->recv_q);
        if (counts_fin(q->state, true))
            put_fin(w, q->recv_q, &text->may);
    }
    if (q->send_q != told->send_q) {
        put_bytes(&text->must, "Send-Q", q->send_q);
        if (counts_fin(q->state, false))
            put_fin(w, q->send_q, &text->may);
    }
}

static bool take_end(struct figures *f, const struct words *w, const struct event *e,
                     struct figures_text *text)
{
    const struct event_queue *q = &e->as.queue;
    struct figure *told = of_end(f, e, q->conn, &q->local);
    bool is_same = q->recv_q == told->recv_q && q->send_q == told->send_q;
    bool retried = q->retransmits && (is_same || q->retransmits > told->retransmits);
    bool is_handshake = q->state == STATE_SYN_SENT || q->state == STATE_SYN_RECV; // only their SYN
    put_conn(w, q->conn, text);
    size_t before = text->must.len;
    if (retried) {
        put_retry(w, q, text);
        if (!is_handshake)
            put_bytes(&text->may, "Send-Q", q->send_q);
    } else if (!is_handshake) {
        put_queues(w, q, told, text);
    }
    told->recv_q = q->recv_q;
    told->send_q = q->send_q;
    told->retransmits = q->retransmits;
    return text->must.len > before;
}

static bool take_tcp(struct figures *f, const struct words *w, const struct event *e,
                     struct figures_text *text)
{
    const struct event_tcp *now = &e->as.tcp;
    struct figure *told = of_end(f, e, now->conn, &now->local);
    if (told->snd_cwnd == now->snd_cwnd && told->snd_ssthresh == now->snd_ssthresh)
        return false;
    put_conn(w, now->conn, text);
    buf_printf(&text->must, "cwnd\u00a0%u", now->snd_cwnd);
    if (now->snd_ssthresh < INT32_MAX) // else: no limit is known yet
        buf_printf(&text->must, "  ssthresh\u00a0%u", now->snd_ssthresh);
    buf_text(&text->may, "rtt\u00a0");
    words_duration(&text->may, now->rtt * CLOCK_US);
    told->snd_cwnd = now->snd_cwnd;
    told->snd_ssthresh = now->snd_ssthresh;
    return true;
}

static bool take_count(struct figures *f, const struct event *e, struct figures_text *text)
{
    const struct event_count *now = &e->as.count;
    struct figure *told = get(f, (struct figure_key){.host = e->host});
    for (int i = 1; i < STATE_COUNT; i++)
        if (now->states[i] != told->states[i])
            buf_printf(&text->must, "%s%u\u00a0%s", text->must.len ? ", " : "", now->states[i],
                       names_of_state[i]);
    memcpy(told->states, now->states, sizeof told->states);
    return text->must.len > 0;
}

bool figures_take(struct figures *f, const struct words *w, const struct event *e,
                  struct figures_text *text)
{
    *text = (struct figures_text){0};
    if (e->type == EVENT_TCP)
        return take_tcp(f, w, e, text);
    if (e->type == EVENT_COUNT)
        return take_count(f, e, text);
    return e->as.queue.state == STATE_LISTEN ? take_listener(f, w, e, text)
                                             : take_end(f, w, e, text);
}
