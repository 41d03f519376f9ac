// Implementation of caption.h.
#include "record/caption.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "event/addr.h"
#include "event/fields.h"
#include "event/watched.h"

static void put_span(struct buf *text, const struct event *e, struct span span)
{
    buf_put(text, event_bytes(e, span), span.len);
}

static void put_duration(struct buf *text, int64_t ns)
{
    if (ns < CLOCK_MS)
        buf_printf(text, "%.3g us", (double)ns / (double)CLOCK_US);
    else if (ns < CLOCK_S)
        buf_printf(text, "%.3g ms", (double)ns / (double)CLOCK_MS);
    else
        buf_printf(text, "%.3g s", (double)ns / (double)CLOCK_S);
}

// "server:8080", or with the address if no host has it.
static void put_address(struct buf *text, const struct cast *cast, const struct addr *a)
{
    char numbers[ADDR_TEXT];
    uint32_t host = cast_host_of(cast, a);
    if (host)
        buf_printf(text, "%s:%u", cast_host(cast, host), a->port);
    else
        buf_text(text, addr_text(a, numbers));
}

static void put_by(struct buf *text, const struct event *e, const struct cast *cast,
                   const char *file)
{
    const char *by = cast_actor(cast, e->actor);
    if (!*by)
        by = cast_host(cast, e->host);
    if (*by)
        buf_printf(text, " by %s", by);
    if (e->line)
        buf_printf(text, ", line %u", e->line);
    if (e->line && file)
        buf_printf(text, " of %s", file);
}

static void put_arguments(struct buf *text, const struct event_call *c, const struct event *e,
                          const struct cast *cast)
{
    static const char *const how[] = {"", "SHUT_RD", "SHUT_WR", "SHUT_RDWR"};
    switch (c->call) {
    case CALL_BIND:
    case CALL_CONNECT:
        put_address(text, cast, &c->address);
        break;
    case CALL_LISTEN:
        buf_printf(text, "%" PRId64, c->backlog);
        break;
    case CALL_SENDTO:
        buf_printf(text, "%" PRId64 ", ", c->size);
        put_address(text, cast, &c->address);
        break;
    case CALL_SEND:
    case CALL_RECV:
    case CALL_RECVFROM:
        buf_printf(text, "%" PRId64, c->size);
        break;
    case CALL_SHUTDOWN:
        buf_text(text, how[c->how & 3]);
        break;
    case CALL_SETSOCKOPT:
    case CALL_GETSOCKOPT:
    case CALL_FCNTL:
        put_span(text, e, c->option);
        break;
    case CALL_EPOLL_CTL:
        put_span(text, e, c->option);
        buf_text(text, " ");
        watched_put(text, e, c->watches, true, 0, 1);
        break;
    case CALL_POLL:
    case CALL_SELECT:
        watched_put(text, e, c->watches, false, 0, EVENT_WATCHED);
        break;
    case CALL_EPOLL_WAIT:
        buf_printf(text, "%d", c->fd);
        break;
    }
}

static void caption_blocked(struct buf *text, const struct event *e, const struct cast *cast)
{
    const struct event_blocked *b = &e->as.blocked;
    buf_printf(text, "%s(", names_of_call[b->call]);
    if (b->call == CALL_CONNECT)
        put_address(text, cast, &b->address);
    else if (b->call == CALL_POLL || b->call == CALL_SELECT)
        watched_put(text, e, b->watches, false, 0, EVENT_WATCHED);
    else if (b->call == CALL_EPOLL_WAIT)
        buf_printf(text, "%d", b->fd);
    else if (b->size != EVENT_NONE)
        buf_printf(text, "%" PRId64, b->size);
    buf_text(text, "), which waits,");
}

void caption_call(struct buf *text, const struct event *e, const struct cast *cast,
                  const char *file)
{
    if (e->type == EVENT_BLOCKED) {
        caption_blocked(text, e, cast);
        put_by(text, e, cast, file);
        return;
    }
    const struct event_call *c = &e->as.call;
    buf_printf(text, "%s(", names_of_call[c->call]);
    put_arguments(text, c, e, cast);
    buf_printf(text, ") = %" PRId64, c->result);
    if (c->error) {
        const char *name = strerrorname_np((int)c->error);
        if (name)
            buf_printf(text, " %s", name);
        else
            buf_printf(text, " error %u", c->error);
    }
    if (c->ready.len) {
        buf_text(text, ": ");
        watched_put(text, e, c->ready, true, 0, EVENT_WATCHED);
    }
    if (c->blocked_ns > 0) {
        buf_text(text, " after ");
        put_duration(text, c->blocked_ns);
    }
    put_by(text, e, cast, file);
}

void caption_busy(struct buf *text, const struct event *e, const struct cast *cast)
{
    buf_printf(text, "%s computes for ", cast_actor(cast, e->actor));
    put_duration(text, e->as.busy.for_ns);
}

void caption_note(struct buf *text, const struct event *e, uint64_t of)
{
    const struct event_packet *p = &e->as.packet;
    if (p->note == NOTE_NONE)
        return;
    buf_text(text, names_of_note[p->note]);
    if (of)
        buf_printf(text, " of frame %" PRIu64, of);
    if (p->kind != KIND_NONE)
        buf_printf(text, " (%s)", names_of_kind[p->kind]);
}

void caption_rule(struct buf *text, const struct event *e, const struct cast *cast)
{
    const struct event_rule *r = &e->as.rule;
    buf_text(text, cast_wire(cast, r->wire));
    if (r->from)
        buf_printf(text, " from %s", cast_host(cast, r->from));
    buf_printf(text, ": %s", names_of_action[r->action]);
    if (r->by_ns) {
        buf_byte(text, ' ');
        put_duration(text, r->by_ns);
    }
    buf_text(text, r->text.len ? " " : "");
    put_span(text, e, r->text);
    if (r->ended)
        buf_text(text, " has ended");
}

void caption_fate(struct buf *text, const struct event *e)
{
    const struct event_arrive *a = &e->as.arrive;
    if (a->fate == FATE_DELIVERED)
        return;
    buf_text(text, names_of_fate[a->fate]);
    if (a->why.len) {
        buf_text(text, ": ");
        put_span(text, e, a->why);
    }
}
