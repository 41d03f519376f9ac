// Implementation of tell.h.
#include "view/tell.h"

#include <stdlib.h>
#include <string.h>

#include "event/fields.h"
#include "view/stage.h"

void tell_say(struct page *p, const struct words *w, const struct event *e)
{
    bool waits = e->type == EVENT_CUE && e->as.cue.presented;
    struct span text = e->type == EVENT_CUE ? e->as.cue.text : e->as.say.text;
    page_box(p, &(struct page_box){.footer =
                                       waits ? words_pick(w, "space: go on", "스페이스: 계속") : "",
                                   .text = event_bytes(e, text),
                                   .len = text.len,
                                   .style = PAINT_QUIET,
                                   .text_style = PAINT_BOLD,
                                   .cast = w->cast});
    p->last_ns = e->t;
}

void tell_print(struct page *p, const struct words *w, const struct event *e)
{
    struct span text = e->as.print.text;
    page_across(p, e->t, paint_sign_text(w->unicode, SIGN_DOT), event_bytes(e, text), text.len,
                PAINT_QUIET, PAINT_QUIET);
}

void tell_busy(struct page *p, const struct words *w, const struct event *e)
{
    struct buf text = {0};
    buf_printf(&text, "%s: ", cast_actor(w->cast, e->actor));
    words_busy(w, e, &text);
    page_across(p, e->t, paint_sign_text(w->unicode, SIGN_DOT), text.ptr, text.len, PAINT_QUIET,
                PAINT_BOLD);
    buf_fini(&text);
}

static void put_heading(const struct words *w, struct buf *out, const struct event *e,
                        const char *what)
{
    buf_printf(out, "%s %s", paint_sign_text(w->unicode, SIGN_CROSS), what);
    if (e->actor)
        buf_printf(out, " %s %s", paint_sign_text(w->unicode, SIGN_DOT),
                   cast_actor(w->cast, e->actor));
    if (e->line)
        buf_printf(out, " %s %s %u", paint_sign_text(w->unicode, SIGN_DOT),
                   words_pick(w, "line", "줄"), e->line);
}

static void draw_alarm(struct page *p, const struct words *w, const struct event *e,
                       const char *what, const struct buf *text)
{
    struct buf heading = {0};
    put_heading(w, &heading, e, what);
    page_box(p, &(struct page_box){.heading = buf_string(&heading),
                                   .text = text->ptr,
                                   .len = text->len,
                                   .style = PAINT_ALARM | PAINT_BOLD,
                                   .text_style = PAINT_BOLD,
                                   .heavy = true});
    p->last_ns = e->t;
    buf_fini(&heading);
}

void tell_expect(struct page *p, const struct words *w, const struct event *e)
{
    const struct event_expect *x = &e->as.expect;
    if (x->ok) {
        page_across(p, e->t, paint_sign_text(w->unicode, SIGN_CHECK), event_bytes(e, x->text),
                    x->text.len, PAINT_QUIET, PAINT_QUIET);
        return;
    }
    struct buf text = {0};
    buf_put(&text, event_bytes(e, x->text), x->text.len);
    const char *name, *value;
    for (size_t at = 0; event_pair(e, x->values, &at, &name, &value);)
        buf_printf(&text, "\n  %s = %s", name, value);
    draw_alarm(p, w, e, words_pick(w, "check failed", "확인 실패"), &text);
    buf_fini(&text);
}

void tell_error(struct page *p, const struct words *w, const struct event *e)
{
    struct buf text = {0};
    buf_put(&text, event_bytes(e, e->as.error.message), e->as.error.message.len);
    if (e->as.error.where.len) {
        buf_byte(&text, '\n');
        buf_put(&text, event_bytes(e, e->as.error.where), e->as.error.where.len);
    }
    draw_alarm(p, w, e, words_pick(w, "error", "오류"), &text);
    buf_fini(&text);
}

void tell_title(struct page *p, const struct event *e)
{
    const struct event_scene *s = &e->as.scene;
    size_t used = paint_text(&p->paint, 1, p->paint.width - 2, event_bytes(e, s->title),
                             s->title.len, PAINT_BOLD);
    size_t room = p->paint.width - used - 4,
           width = s->script.len; // a file name; if it takes more columns it is cut
    if (used + 4 < p->paint.width && width > 0 && width <= room)
        paint_text(&p->paint, p->paint.width - 1 - width, width, event_bytes(e, s->script),
                   s->script.len, PAINT_QUIET);
    page_end(p);
    struct buf params = {0};
    const char *name, *value;
    for (size_t at = 0; event_pair(e, s->params, &at, &name, &value);)
        buf_printf(&params, "%s%s = %s", params.len ? "   " : "", name, value);
    if (params.len) {
        paint_text(&p->paint, 1, p->paint.width - 2, params.ptr, params.len, PAINT_QUIET);
        page_end(p);
    }
    buf_fini(&params);
}

void tell_step(struct page *p, const struct words *w)
{
    const char *text =
        words_pick(w, "packets wait for you: space next, d drop, 2 twice, enter run, q end",
                   "패킷이 기다립니다: 스페이스 다음, d 버림, 2 두 번, enter 계속, q 끝");
    paint_text(&p->paint, 1, p->paint.width - 2, text, strlen(text), PAINT_QUIET);
    page_end(p);
}

// "client-server: ", "client-server from server: "
static void put_way(const struct words *w, struct buf *out, uint32_t wire, uint32_t from)
{
    buf_text(out, cast_wire(w->cast, wire));
    if (from)
        buf_printf(out, words_pick(w, " from %s", " (%s에서)"), cast_host(w->cast, from));
    buf_text(out, ": ");
}

void tell_wire(struct page *p, const struct words *w, const struct event *e)
{
    struct buf text = {0};
    struct cast_wire wire = w->cast->wires[e->as.link.wire - 1];
    wire.delay_ns = e->as.link.delay_ns;
    wire.options = cast_options(e);
    put_way(w, &text, e->as.link.wire, e->as.link.from);
    stage_wire_text(&text, &wire);
    free(wire.options);
    page_across(p, e->t, paint_sign_text(w->unicode, SIGN_TO), text.ptr, text.len, PAINT_QUIET,
                PAINT_PLAIN);
    buf_fini(&text);
}

void tell_rule(struct page *p, const struct words *w, const struct event *e)
{
    const struct event_rule *r = &e->as.rule;
    struct buf text = {0};
    if (e->host)
        buf_printf(&text, "%s: ", cast_host(w->cast, e->host));
    else
        put_way(w, &text, r->wire, r->from);
    words_rule(w, e, &text);
    page_across(p, e->t, paint_sign_text(w->unicode, SIGN_TO), text.ptr, text.len, PAINT_QUIET,
                PAINT_PLAIN);
    buf_fini(&text);
}

void tell_late(struct page *p, const struct words *w, const struct event *e)
{
    struct buf text = {0};
    buf_text(&text, words_pick(w, "late: this machine was ", "지연: 이 컴퓨터가 "));
    words_duration(&text, e->as.late.late_ns);
    buf_text(&text, words_pick(w, " behind", " 늦음"));
    page_across(p, e->t, "!", text.ptr, text.len, PAINT_QUIET, PAINT_QUIET);
    buf_fini(&text);
}

// " · 16 packets"
static void put_count(const struct words *w, struct buf *out, uint32_t n, const char *english,
                      const char *korean)
{
    buf_printf(out, " %s ", paint_sign_text(w->unicode, SIGN_DOT));
    if (w->korean)
        buf_printf(out, "%s ", korean);
    words_number(out, n);
    if (w->korean)
        buf_text(out, "개");
    else
        buf_printf(out, " %s%s", english, n == 1 ? "" : "s");
}

void tell_end(struct page *p, const struct words *w, const struct event *e)
{
    const struct event_end *end = &e->as.end;
    const char *dot = paint_sign_text(w->unicode, SIGN_DOT);
    struct buf text = {0};
    // The presenter who ends a scene with q has not failed in front of people.
    bool left = end->reason == REASON_INTERRUPTED && !end->failed && !end->errors;
    if (left)
        buf_printf(&text, "%s %s", paint_sign_text(w->unicode, SIGN_END),
                   words_pick(w, "ended early", "중간에 끝냄"));
    else
        buf_printf(&text, "%s %s", paint_sign_text(w->unicode, end->ok ? SIGN_END : SIGN_CROSS),
                   words_pick(w, end->ok ? "done" : "failed", end->ok ? "끝" : "실패"));
    if (!left && end->reason != REASON_FINISHED && end->reason < REASON_COUNT)
        buf_printf(&text, " (%s)", names_of_reason[end->reason]);
    buf_printf(&text, " %s ", dot);
    words_duration(&text, e->t);
    put_count(w, &text, end->packets, "packet", "패킷");
    if (end->failed)
        buf_printf(&text,
                   words_pick(w, " %s %u of %u checks failed", " %1$s 확인 %3$u개 중 %2$u개 실패"),
                   dot, end->failed, end->checks);
    else if (end->checks)
        put_count(w, &text, end->checks, "check", "확인");
    if (end->checks && !end->failed)
        buf_printf(&text, " %s", paint_sign_text(w->unicode, SIGN_CHECK));
    if (end->errors)
        put_count(w, &text, end->errors, "error", "오류");
    page_rule(p, buf_string(&text), end->ok ? PAINT_BOLD : PAINT_ALARM | PAINT_BOLD);
    if (end->message.len && !end->ok)
        page_across(p, PAGE_NO_CLOCK, " ", event_bytes(e, end->message), end->message.len,
                    PAINT_PLAIN, PAINT_BOLD);
    buf_fini(&text);
}
