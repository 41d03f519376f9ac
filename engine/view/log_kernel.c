// Implementation of log_kernel.h.
#include "view/log_kernel.h"

#include "base/clock.h"
#include "event/fields.h"
#include "view/paint.h"

static void put_socket(struct buf *out, uint32_t sock, uint32_t conn)
{
    if (sock)
        buf_printf(out, "  sock %u", sock);
    if (conn)
        buf_printf(out, "  conn %u", conn);
}

static void put_state(const struct words *w, const struct event *e, struct buf *out)
{
    const struct event_state *s = &e->as.state;
    buf_printf(out, "[%s] %s [%s]%s", names_of_state[s->from], paint_sign_text(w->unicode, SIGN_TO),
               names_of_state[s->to], s->local.family ? "  " : "");
    words_address(w, out, &s->local);
    if (s->peer.family)
        buf_text(out, " - ");
    words_address(w, out, &s->peer);
    put_socket(out, s->sock, s->conn);
    if (s->recv_q != EVENT_NONE)
        buf_printf(out, "  recv-q %lld", (long long)s->recv_q);
    if (s->send_q != EVENT_NONE)
        buf_printf(out, "  send-q %lld", (long long)s->send_q);
    if (s->timer)
        buf_printf(out, "  timer %s", names_of_timer[s->timer]);
    if (s->expires_ns) {
        buf_text(out, " ");
        words_duration(out, s->expires_ns);
    }
    if (s->retransmits)
        buf_printf(out, "  retransmits %u", s->retransmits);
    if (s->seen_ns)
        buf_printf(out, "  seen %.6f", (double)s->seen_ns / CLOCK_S);
}

static void put_queue(const struct words *w, const struct event *e, struct buf *out)
{
    const struct event_queue *q = &e->as.queue;
    buf_printf(out, "[%s]  ", names_of_state[q->state]);
    words_address(w, out, &q->local);
    if (q->peer.family)
        buf_text(out, " - ");
    words_address(w, out, &q->peer);
    put_socket(out, q->sock, q->conn);
    if (q->state == STATE_LISTEN)
        buf_printf(out, words_pick(w, "  accept queue %lld of %lld", "  accept 큐 %lld/%lld"),
                   (long long)q->recv_q, (long long)q->send_q);
    else
        buf_printf(out, "  recv-q %lld  send-q %lld", (long long)q->recv_q, (long long)q->send_q);
    if (q->timer)
        buf_printf(out, "  timer %s ", names_of_timer[q->timer]);
    if (q->expires_ns)
        words_duration(out, q->expires_ns);
    if (q->retransmits)
        buf_printf(out, "  retransmits %u", q->retransmits);
    if (q->refused)
        buf_printf(out, "  %s %s  ListenOverflows +%u  ListenDrops +%u",
                   names_of_refused[q->refused], words_pick(w, "dropped", "버려짐"), q->overflows,
                   q->drops);
}

static void put_figures(const struct words *w, const struct event *e, struct buf *out)
{
    const struct event_tcp *t = &e->as.tcp;
    words_address(w, out, &t->local);
    if (t->peer.family)
        buf_text(out, " - ");
    words_address(w, out, &t->peer);
    put_socket(out, t->sock, t->conn);
    for (const struct field *f = event_shapes[EVENT_TCP].fields; f->name; f++)
        if (f->kind == FIELD_U32 && f->when == FIELD_ALWAYS)
            buf_printf(out, "  %s %u", f->name, *(const uint32_t *)field_at(e, f));
        else if (f->kind == FIELD_U64)
            buf_printf(out, "  %s %llu", f->name,
                       (unsigned long long)*(const uint64_t *)field_at(e, f));
}

static void put_count(const struct event *e, struct buf *out)
{
    bool any = false;
    for (const struct field *f = event_shapes[EVENT_COUNT].fields; f->name; f++)
        if (field_present(e, f)) {
            buf_printf(out, "%s%s %u", any ? "  " : "", f->name, *(const uint32_t *)field_at(e, f));
            any = true;
        }
    if (!any)
        buf_text(out, "0");
}

void log_put_kernel(const struct words *w, const struct event *e, struct buf *out)
{
    if (e->type == EVENT_STATE)
        put_state(w, e, out);
    else if (e->type == EVENT_QUEUE)
        put_queue(w, e, out);
    else if (e->type == EVENT_TCP)
        put_figures(w, e, out);
    else
        put_count(e, out);
}
