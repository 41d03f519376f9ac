// Implementation of fold.h.
#include "view/fold.h"

#include <stdlib.h>

#include "base/mem.h"

void fold_fini(struct fold *f)
{
    free(f->runs);
    *f = (struct fold){0};
}

// The run of a connection that is furthest on (behind a router each wire has its own).
static struct fold_run *find(struct fold *f, uint32_t conn)
{
    struct fold_run *found = NULL;
    for (size_t i = 0; i < f->count; i++)
        if (f->runs[i].conn == conn && (!found || f->runs[i].segments > found->segments))
            found = &f->runs[i];
    return found;
}

static struct fold_run *open_run(struct fold *f, uint32_t conn, uint32_t wire)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->runs[i].conn == conn && f->runs[i].wire == wire)
            return &f->runs[i];
    f->runs = mem_resize(f->runs, (f->count + 1) * sizeof *f->runs);
    f->runs[f->count] = (struct fold_run){.conn = conn, .wire = wire};
    return &f->runs[f->count++];
}

static bool is_data(const struct event_packet *p)
{
    return p->len > 0 && !(p->flags & (TCP_SYN | TCP_FIN | TCP_RST)) && p->note == NOTE_NONE;
}

static bool is_ack(const struct event_packet *p)
{
    return p->len == 0 && !(p->flags & (TCP_SYN | TCP_FIN | TCP_RST)) && p->window > 0 &&
           (p->note == NOTE_NONE || p->note == NOTE_DUPLICATE_ACK || p->note == NOTE_WINDOW_UPDATE);
}

static enum fold_answer hide(struct fold_run *run, const struct event *e, struct fold_run **due)
{
    run->last_ns = e->t;
    if (e->t - run->told_ns < FOLD_EVERY_NS || run->hidden == 0)
        return FOLD_HIDE;
    *due = run;
    return FOLD_TELL;
}

static enum fold_answer show(struct fold_run *run, struct fold_run **due)
{
    if (!run || run->hidden == 0)
        return FOLD_SHOW;
    *due = run;
    return FOLD_TELL_AND_SHOW;
}

static enum fold_answer take_packet(struct fold *f, const struct event *e, struct fold_run **due)
{
    const struct event_packet *p = &e->as.packet;
    if (!(p->protocols & PROTOCOL_TCP) || !p->conn)
        return FOLD_SHOW;
    struct fold_run *run = open_run(f, p->conn, p->wire);
    if (is_data(p)) {
        if (run->segments > 0 && run->wire_host != e->host) {
            run->segments = 1;
            run->wire_host = e->host;
            return show(run, due);
        }
        run->wire_host = e->host;
        if (++run->segments <= FOLD_SHOWN)
            return FOLD_SHOW;
        if (run->hidden == 0)
            run->told_ns = e->t;
        run->hidden++;
        run->hidden_bytes += p->len;
        if (run->hidden_host != e->host)
            run->hidden_end = 0;
        run->hidden_host = e->host;
        if (p->seq + p->len > run->hidden_end)
            run->hidden_end = p->seq + p->len;
        return hide(run, e, due);
    }
    if (is_ack(p) && e->host != run->hidden_host && p->ack <= run->hidden_end)
        return hide(run, e, due);
    return show(run, due);
}

static enum fold_answer take_call(struct fold *f, const struct event *e, struct fold_run **due)
{
    bool returned = e->type == EVENT_CALL;
    uint32_t conn = returned ? e->as.call.conn : e->as.blocked.conn;
    uint32_t call = returned ? e->as.call.call : e->as.blocked.call;
    struct fold_run *run = conn ? find(f, conn) : NULL;
    if (!run)
        return FOLD_SHOW;
    bool moves_data = call == CALL_SEND || call == CALL_RECV;
    if (run->segments > FOLD_SHOWN && moves_data && !(returned && e->as.call.result <= 0)) {
        return hide(run, e, due);
    }
    return show(run, due);
}

// Within a run they change with every segment.
static enum fold_answer take_figures(struct fold *f, uint32_t conn)
{
    const struct fold_run *run = conn ? find(f, conn) : NULL;
    return run && run->hidden > 0 ? FOLD_HIDE : FOLD_SHOW;
}

enum fold_answer fold_take(struct fold *f, const struct event *e, struct fold_run **due)
{
    switch (e->type) {
    case EVENT_PACKET:
        return take_packet(f, e, due);
    case EVENT_CALL:
    case EVENT_BLOCKED:
        return take_call(f, e, due);
    case EVENT_STATE: {
        struct fold_run *run = e->as.state.conn ? find(f, e->as.state.conn) : NULL;
        return show(run, due);
    }
    case EVENT_QUEUE:
        return take_figures(f, e->as.queue.conn);
    case EVENT_TCP:
        return take_figures(f, e->as.tcp.conn);
    default:
        return FOLD_SHOW;
    }
}

struct fold_run *fold_take_out(struct fold *f, const struct event *packet)
{
    const struct event_packet *p = &packet->as.packet;
    if (!is_data(p))
        return NULL;
    struct fold_run *run = open_run(f, p->conn, p->wire);
    if (run->hidden == 0)
        return NULL; // its row was told together with it
    run->hidden--;
    run->hidden_bytes -= p->len;
    return run->hidden ? run : NULL;
}

struct fold_run *fold_due(struct fold *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->runs[i].hidden > 0)
            return &f->runs[i];
    return NULL;
}

void fold_told(struct fold_run *run, int64_t t)
{
    run->hidden = 0;
    run->hidden_bytes = 0;
    run->told_ns = t;
}

void fold_restart(struct fold *f)
{
    for (size_t i = 0; i < f->count; i++)
        f->runs[i].segments = 0;
}
