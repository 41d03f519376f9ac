// Implementation of log.h.
#include "view/log.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/width.h"
#include "event/addr.h"
#include "event/fields.h"
#include "event/flags.h"
#include "view/log_kernel.h"
#include "view/paint.h"
#include "view/words.h"
#include "view/wrap.h"

#define HOST_COLUMN 19
#define HOST_MAX 8
#define WORDS_COLUMN (HOST_COLUMN + HOST_MAX + 2)
#define WORDS_COLUMN_NARROW 10 // of further lines, on pages under NARROW columns
#define NARROW 70

struct log_view {
    struct paint paint;
    struct cast cast;
    struct words words;
};

struct log_view *log_view_new(const struct view_options *options)
{
    struct log_view *l = mem_new(sizeof *l);
    paint_init(&l->paint, options);
    cast_init(&l->cast);
    l->words = (struct words){options->korean, options->unicode, &l->cast, false, false};
    return l;
}

void log_view_free(struct log_view *l)
{
    if (!l)
        return;
    paint_fini(&l->paint);
    cast_fini(&l->cast);
    free(l);
}

void log_view_resize(struct log_view *l, size_t width)
{
    paint_resize(&l->paint, width);
}

static void put_span(struct buf *out, const struct event *e, struct span span)
{
    buf_put(out, event_bytes(e, span), span.len);
}

static void put_ids(struct buf *out, const struct event *e, struct span ids, const char *name)
{
    if (ids.len < sizeof(uint64_t))
        return;
    buf_printf(out, "  %s", name);
    for (size_t at = 0; at + sizeof(uint64_t) <= ids.len; at += sizeof(uint64_t)) {
        uint64_t id;
        memcpy(&id, event_bytes(e, ids) + at, sizeof id);
        buf_printf(out, " #%llu", (unsigned long long)id);
    }
}

static void put_pairs(struct buf *out, const struct event *e, struct span pairs)
{
    const char *name, *value;
    for (size_t at = 0; event_pair(e, pairs, &at, &name, &value);)
        buf_printf(out, "  %s = %s", name, value);
}

static void put_socket(struct buf *out, int32_t fd, uint32_t sock, uint32_t conn)
{
    if (fd >= 0)
        buf_printf(out, "  fd %d", fd);
    if (sock)
        buf_printf(out, "  sock %u", sock);
    if (conn)
        buf_printf(out, "  conn %u", conn);
}

static void put_call(struct log_view *l, const struct event *e, struct buf *out)
{
    struct buf may = {0};
    if (e->type == EVENT_CALL)
        words_call(&l->words, e, out, &may);
    else
        words_blocked(&l->words, e, out, &may);
    if (may.len) {
        buf_text(out, "  ");
        buf_put(out, may.ptr, may.len);
    }
    buf_fini(&may);
    if (e->type == EVENT_CALL) {
        put_socket(out, e->as.call.fd, e->as.call.sock, e->as.call.conn);
        put_ids(out, e, e->as.call.carries, "carries");
        put_ids(out, e, e->as.call.causes, "causes");
    } else {
        put_socket(out, e->as.blocked.fd, e->as.blocked.sock, e->as.blocked.conn);
    }
}

static void put_tcp(const struct event *e, struct buf *out)
{
    const struct event_packet *p = &e->as.packet;
    char flags[FLAGS_TEXT];
    buf_printf(out, "  %s  seq %u  ack %u  len %u  win %u", flags_text(p->flags, flags), p->seq,
               p->ack, p->len, p->window);
    if (p->mss)
        buf_printf(out, "  mss %u", p->mss);
    if (p->window_scale != EVENT_NONE)
        buf_printf(out, "  ws %d", p->window_scale);
    if (p->sack_permitted)
        buf_text(out, "  sack-permitted");
    if (p->timestamps)
        buf_printf(out, "  ts %u/%u", p->ts_value, p->ts_echo);
    for (size_t at = 0; at + 2 * sizeof(uint64_t) <= p->sack.len; at += 2 * sizeof(uint64_t)) {
        uint64_t edges[2];
        memcpy(edges, event_bytes(e, p->sack) + at, sizeof edges);
        buf_printf(out, "  sack %llu-%llu", (unsigned long long)edges[0],
                   (unsigned long long)edges[1]);
    }
}

static void put_packet(struct log_view *l, const struct event *e, struct buf *out)
{
    const struct event_packet *p = &e->as.packet;
    char protocols[PROTOCOLS_TEXT];
    words_address(&l->words, out, &p->from_address);
    buf_printf(out, " %s ", paint_sign_text(l->words.unicode, SIGN_TO));
    words_address(&l->words, out, &p->to_address);
    if (p->protocols & PROTOCOL_TCP) {
        put_tcp(e, out);
    } else {
        struct words_packet words;
        words_packet(&l->words, e, &words);
        for (size_t i = 0; i < words.count; i++)
            buf_printf(out, "  %s", words.parts[i].text);
    }
    if (p->note)
        buf_printf(out, "  %s", names_of_note[p->note]);
    if (p->kind)
        buf_printf(out, " (%s)", names_of_kind[p->kind]);
    if (p->of)
        buf_printf(out, "  of #%llu", (unsigned long long)p->of);
    if (p->rewritten)
        buf_printf(out, "  rewritten %s", names_of_rewritten[p->rewritten]);
    if (p->origin)
        buf_printf(out, "  origin %s", names_of_origin[p->origin]);
    buf_printf(out, "  frame %u  ttl %u  %s", p->frame_len, p->ttl,
               flags_protocols(p->protocols, protocols));
    buf_printf(out, "  on %s", cast_wire(&l->cast, p->wire));
    put_socket(out, -1, 0, p->conn);
    put_ids(out, e, p->carries, "carries");
}

static void put_arrive(struct log_view *l, const struct event *e, struct buf *out)
{
    const struct event_arrive *a = &e->as.arrive;
    buf_printf(out, "#%llu %s", (unsigned long long)a->packet, names_of_fate[a->fate]);
    if (a->why.len)
        buf_text(out, ": ");
    put_span(out, e, a->why);
    if (a->rule)
        buf_printf(out, "  rule #%llu", (unsigned long long)a->rule);
    if (a->copies)
        buf_printf(out, "  copies absorbed %u", a->copies);
    buf_printf(out, "  on %s", cast_wire(&l->cast, a->wire));
}

static void put_rule(struct log_view *l, const struct event *e, struct buf *out)
{
    const struct event_rule *r = &e->as.rule;
    words_rule(&l->words, e, out);
    if (r->rule)
        buf_printf(out, "  rule #%llu", (unsigned long long)r->rule);
    if (r->wire && !e->host) // a router's rule has it in its text
        buf_printf(out, "  on %s", cast_wire(&l->cast, r->wire));
    if (r->from)
        buf_printf(out, "  from %s", cast_host(&l->cast, r->from));
}

static void put_link(const struct event *e, const struct cast *cast, struct buf *out)
{
    const struct event_link *k = &e->as.link;
    char text[ADDR_TEXT];
    buf_text(out, k->loopback ? "loopback " : k->shared ? "switch " : "link ");
    put_span(out, e, k->name);
    if (k->from)
        buf_printf(out, "  from %s", cast_host(cast, k->from));
    for (size_t at = 0; at + sizeof(struct interface_end) <= k->ends.len;
         at += sizeof(struct interface_end)) {
        struct interface_end end;
        memcpy(&end, event_bytes(e, k->ends) + at, sizeof end);
        addr_text(&end.address, text);
        buf_printf(out, "  %s %.*s %s/%u", cast_host(cast, end.host), (int)sizeof end.name,
                   end.name, text, end.prefix);
        if (end.address6.family)
            buf_printf(out, " %s/%u", addr_text(&end.address6, text), end.prefix6);
    }
    if (!k->loopback) {
        buf_text(out, "  delay ");
        words_duration(out, k->delay_ns);
    }
    buf_printf(out, "  mtu %u", k->mtu);
    put_pairs(out, e, k->options);
}

static void put_choices(struct buf *out, const struct event *e)
{
    struct span span = e->as.param.choices;
    const char *bytes = event_bytes(e, span), *end = bytes + span.len;
    for (const char *at = bytes; at < end; at += strlen(at) + 1)
        buf_printf(out, "%s%s", at == bytes ? "  of " : ", ", at);
}

// What the scene is and who is in it.
static void put_setting(const struct event *e, struct buf *out)
{
    switch (e->type) {
    case EVENT_SCENE:
        put_span(out, e, e->as.scene.title);
        buf_text(out, "  ");
        put_span(out, e, e->as.scene.script);
        buf_printf(out, "  seed %llu", (unsigned long long)e->as.scene.seed);
        buf_text(out, "  kernel ");
        put_span(out, e, e->as.scene.kernel);
        put_pairs(out, e, e->as.scene.params);
        put_pairs(out, e, e->as.scene.sysctls);
        break;
    case EVENT_SOURCE:
        put_span(out, e, e->as.source.name);
        break;
    case EVENT_PARAM:
        put_span(out, e, e->as.param.name);
        buf_text(out, " = ");
        put_span(out, e, e->as.param.value);
        put_choices(out, e);
        break;
    case EVENT_HOST:
        buf_text(out, e->as.host.router ? "router" : "");
        if (e->as.host.relay.len) {
            buf_text(out, "relay to the real ");
            put_span(out, e, e->as.host.relay);
        }
        put_pairs(out, e, e->as.host.sysctls);
        if (e->as.host.descriptors)
            buf_printf(out, "  descriptors %u", e->as.host.descriptors);
        break;
    case EVENT_ACTOR:
        put_span(out, e, e->as.actor.name);
        buf_printf(out, " (%s)", names_of_role[e->as.actor.role]);
        if (e->as.actor.ended)
            buf_printf(out, "  ended: %s", names_of_ended[e->as.actor.ended]);
        break;
    default:
        break;
    }
}

// What is told and found.
static void put_telling(struct log_view *l, const struct event *e, struct buf *out)
{
    switch (e->type) {
    case EVENT_SAY:
        put_span(out, e, e->as.say.text);
        break;
    case EVENT_CUE:
        put_span(out, e, e->as.cue.text);
        break;
    case EVENT_KEY:
        put_span(out, e, e->as.key.key);
        buf_text(out, words_pick(&l->words, "  after ", "  "));
        words_duration(out, e->as.key.waited_ns);
        buf_text(out, words_pick(&l->words, "", " 뒤"));
        break;
    case EVENT_PRINT:
        put_span(out, e, e->as.print.text);
        break;
    case EVENT_BUSY:
        words_busy(&l->words, e, out);
        break;
    case EVENT_EXPECT:
        buf_printf(out, "%s ",
                   paint_sign_text(l->words.unicode, e->as.expect.ok ? SIGN_CHECK : SIGN_CROSS));
        put_span(out, e, e->as.expect.text);
        put_pairs(out, e, e->as.expect.values);
        break;
    case EVENT_ERROR:
        put_span(out, e, e->as.error.message);
        buf_text(out, e->as.error.where.len ? "\n" : "");
        put_span(out, e, e->as.error.where);
        break;
    case EVENT_LATE:
        buf_printf(out, "%s ", names_of_late[e->as.late.what]);
        words_duration(out, e->as.late.late_ns);
        break;
    case EVENT_END:
        buf_printf(out, "%s  checks %u  failed %u  errors %u  packets %u  ",
                   names_of_reason[e->as.end.reason], e->as.end.checks, e->as.end.failed,
                   e->as.end.errors, e->as.end.packets);
        put_span(out, e, e->as.end.message);
        break;
    default:
        break;
    }
}

static void put_words(struct log_view *l, const struct event *e, struct buf *out)
{
    if (e->type != EVENT_CALL && e->type != EVENT_BLOCKED)
        buf_printf(out, "%s  ", event_type_name(e->type));
    switch (e->type) {
    case EVENT_CALL:
    case EVENT_BLOCKED:
        put_call(l, e, out);
        break;
    case EVENT_PACKET:
        put_packet(l, e, out);
        break;
    case EVENT_ARRIVE:
        put_arrive(l, e, out);
        break;
    case EVENT_STATE:
    case EVENT_QUEUE:
    case EVENT_TCP:
    case EVENT_COUNT:
        log_put_kernel(&l->words, e, out);
        break;
    case EVENT_RULE:
        put_rule(l, e, out);
        break;
    case EVENT_LINK:
        put_link(e, &l->cast, out);
        break;
    case EVENT_PROGRAM:
        if (!e->as.program.ended) {
            put_span(out, e, e->as.program.program);
            buf_text(out, "  ");
        }
        words_program(&l->words, e, out);
        break;
    case EVENT_OUTPUT:
        put_span(out, e, e->as.output.program);
        buf_printf(out, " %s:%s", names_of_stream[e->as.output.stream],
                   memchr(event_bytes(e, e->as.output.text), '\n', e->as.output.text.len) ? "\n"
                                                                                          : "  ");
        put_span(out, e, e->as.output.text);
        break;
    default:
        put_setting(e, out);
        put_telling(l, e, out);
        break;
    }
}

// Who and where in the script, and what brought it about.
static void put_tail(struct log_view *l, const struct event *e, struct buf *out)
{
    const char *actor = e->type == EVENT_ACTOR ? "" : cast_actor(&l->cast, e->actor);
    if (*actor || e->line)
        buf_printf(out, "  %s", actor);
    if (e->line)
        buf_printf(out, ":%u", e->line);
    if (e->op && e->op != e->cause)
        buf_printf(out, "  op\u00a0#%llu", (unsigned long long)e->op);
    if (e->cause)
        buf_printf(out, "  %s\u00a0#%llu", paint_sign_text(l->words.unicode, SIGN_CAUSE),
                   (unsigned long long)e->cause);
}

static int style_of(const struct event *e)
{
    switch (e->type) {
    case EVENT_CALL:
        return words_call_failed(e) ? PAINT_ALARM | PAINT_BOLD : PAINT_PLAIN;
    case EVENT_ARRIVE:
        return e->as.arrive.fate == FATE_DROPPED || e->as.arrive.fate == FATE_CORRUPTED
                   ? PAINT_ALARM | PAINT_BOLD
                   : PAINT_PLAIN;
    case EVENT_PROGRAM:
        return words_program_failed(e) ? PAINT_ALARM | PAINT_BOLD : PAINT_BOLD;
    case EVENT_EXPECT:
        return e->as.expect.ok ? PAINT_PLAIN : PAINT_ALARM | PAINT_BOLD;
    case EVENT_ERROR:
        return PAINT_ALARM | PAINT_BOLD;
    case EVENT_SCENE:
    case EVENT_SAY:
    case EVENT_CUE:
    case EVENT_STATE:
    case EVENT_BUSY:
    case EVENT_RULE:
    case EVENT_END:
        return PAINT_BOLD;
    case EVENT_QUEUE:
        return e->as.queue.refused ? PAINT_ALARM | PAINT_BOLD : PAINT_PLAIN;
    case EVENT_LATE:
    case EVENT_PRINT:
    case EVENT_ACTOR:
        return PAINT_QUIET;
    default:
        return PAINT_PLAIN;
    }
}

void log_view_event(struct log_view *l, const struct event *e, struct buf *out)
{
    if (e->type == EVENT_PADDING)
        return;
    cast_learn(&l->cast, e);
    struct paint *p = &l->paint;
    struct buf head = {0}, words = {0};
    buf_printf(&head, "#%-6llu %9.6f", (unsigned long long)e->id, (double)e->t / CLOCK_S);
    put_words(l, e, &words);
    size_t words_len = words.len;
    put_tail(l, e, &words);
    paint_text(p, 0, HOST_COLUMN - 1, head.ptr, head.len, PAINT_QUIET);
    const char *host = cast_host(&l->cast, e->host);
    if (e->host)
        paint_text(p, HOST_COLUMN, HOST_MAX, host, strlen(host),
                   PAINT_HOST + (int)((e->host - 1) % PAINT_HOSTS));
    size_t column = WORDS_COLUMN, from = 0, next;
    do {
        size_t len = wrap_line(words.ptr + from, words.len - from, p->width - 1 - column, &next);
        size_t plain = from >= words_len ? 0 : from + len > words_len ? words_len - from : len;
        size_t used = paint_text(p, column, SIZE_MAX / 2, words.ptr + from, plain, style_of(e));
        paint_text(p, column + used, SIZE_MAX / 2, words.ptr + from + plain, len - plain,
                   PAINT_QUIET);
        paint_flush(p, out);
        column = p->width < NARROW ? WORDS_COLUMN_NARROW : WORDS_COLUMN;
        from += next;
    } while (from < words.len);
    buf_fini(&head);
    buf_fini(&words);
}
