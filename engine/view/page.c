// Implementation of page.h.
#include "view/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/width.h"
#include "view/words.h"
#include "view/wrap.h"

void page_init(struct page *p, const struct view_options *options)
{
    *p = (struct page){.last_ns = -1};
    paint_init(&p->paint, options);
}

void page_fini(struct page *p)
{
    paint_fini(&p->paint);
    lanes_fini(&p->lanes);
    flights_fini(&p->flights);
}

int page_hue(const struct page *p, size_t lane)
{
    (void)p;
    return PAINT_HOST + (int)(lane % PAINT_HOSTS);
}

void page_forget_clock(struct page *p)
{
    p->clock[0] = '\0';
}

// Only when it differs from the row above: rows of one moment belong together.
static void paint_clock(struct page *p, int64_t t)
{
    struct buf text = {0};
    words_clock(&text, t);
    const char *clock = buf_string(&text);
    if (strcmp(clock, p->clock) != 0) {
        size_t room = LANE_CLOCK - 1;
        paint_text(&p->paint, text.len < room ? room - text.len : 0, room, clock, text.len,
                   PAINT_QUIET);
        snprintf(p->clock, sizeof p->clock, "%s", clock);
    }
    buf_fini(&text);
}

static void paint_lanes(struct page *p, unsigned lines)
{
    for (size_t i = 0; i < p->lanes.count; i++) {
        const struct lane *lane = &p->lanes.at[i];
        paint_line(&p->paint, lane->column, lines | (lane->asleep ? LINE_DASHED : 0),
                   page_hue(p, i));
    }
    for (size_t i = 0; i < p->flights.count; i++) {
        const struct flight *flight = &p->flights.at[i];
        if (flight->column != LANE_NONE)
            paint_line(&p->paint, flight->column, lines | (flight->held ? LINE_DASHED : 0),
                       flight->style);
    }
}

void page_begin(struct page *p, int64_t t)
{
    if (t != PAGE_NO_CLOCK) {
        paint_clock(p, t);
        p->last_ns = t;
    }
    if (p->standing)
        paint_lanes(p, LINE_UP | LINE_DOWN);
}

void page_end(struct page *p)
{
    paint_flush(&p->paint, p->out);
    p->rows++;
}

// One line of a text in three weights: bytes [at, at + len) of the joined text, in which `may`
// starts at `edge`.
static void paint_weights(struct page *p, size_t column, const char *text, size_t at, size_t len,
                          const struct page_text *t, int hue)
{
    size_t edges[] = {t->who_len, t->who_len + t->must_len, SIZE_MAX};
    int styles[] = {hue, t->style, PAINT_QUIET};
    size_t end = at + len;
    for (size_t i = 0; i < 3 && at < end; i++) {
        size_t stop = edges[i] < end ? edges[i] : end;
        if (stop <= at)
            continue;
        column += paint_text(&p->paint, column, SIZE_MAX / 2, text + at, stop - at, styles[i]);
        at = stop;
    }
}

// Puts of `may` what costs no further row: all of it, or without the data at its end, or nothing.
static void put_may(struct buf *all, const struct page_text *text, size_t columns)
{
    size_t must_len = all->len, rows = wrap_count(all->ptr, must_len, columns);
    const char *data = text->may_len ? memmem(text->may, text->may_len, "  \"", 3) : NULL;
    size_t lens[] = {text->may_len, data ? (size_t)(data - text->may) : 0};
    for (size_t i = 0; i < 2 && lens[i] > 0; i++) {
        buf_text(all, "  ");
        buf_put(all, text->may, lens[i]);
        if (wrap_count(all->ptr, all->len, columns) <= rows)
            return;
        all->len = must_len;
    }
}

void page_write(struct page *p, int64_t t, size_t at, const struct page_text *text)
{
    const struct lane *lane = &p->lanes.at[at];
    struct buf all = {0};
    buf_put(&all, text->who, text->who_len);
    size_t who = width_of(text->who, text->who_len), must = width_of(text->must, text->must_len);
    if (all.len > 0 && who + must > lane->text_len && who * 2 > lane->text_len)
        all.ptr[all.len - 1] = '\n'; // a row of its own
    buf_put(&all, text->must, text->must_len);
    put_may(&all, text, lane->text_len);
    size_t from = 0, next;
    do {
        size_t len = wrap_line(all.ptr + from, all.len - from, lane->text_len, &next);
        size_t width = width_of(all.ptr + from, len);
        page_begin(p, t);
        size_t column = lane->text_from +
                        (lane->text_ends && width < lane->text_len ? lane->text_len - width : 0);
        paint_weights(p, column, all.ptr, from, len, text, page_hue(p, at));
        page_end(p);
        from += next;
    } while (from < all.len);
    buf_fini(&all);
}

void page_across(struct page *p, int64_t t, const char *mark, const char *text, size_t len,
                 int mark_style, int style)
{
    size_t indent = width_of(mark, strlen(mark)) + 1,
           room = p->paint.width - 1 - LANE_CLOCK - indent;
    size_t next;
    bool first = true;
    do {
        size_t line = wrap_line(text, len, room, &next), width = width_of(text, line);
        page_begin(p, t);
        // Blanks beside the text, so that no lifeline touches it.
        for (size_t i = 0; i < width + indent + 1; i++)
            paint_text(&p->paint, LANE_CLOCK + i, 1, " ", 1, PAINT_PLAIN);
        if (first)
            paint_text(&p->paint, LANE_CLOCK, indent, mark, strlen(mark), mark_style);
        paint_text(&p->paint, LANE_CLOCK + indent, room, text, line, style);
        page_end(p);
        first = false;
        text += next;
        len -= next;
    } while (len > 0);
}

// Text in an edge, with a blank at both sides; at the right end if `right`.
static void paint_edge_text(struct page *p, const char *text, bool right, int style)
{
    size_t last = p->paint.width - 2, room = last - 6, len = text ? strlen(text) : 0;
    if (len == 0)
        return;
    size_t width = width_of(text, len);
    width = width < room - 2 ? width : room - 2;
    size_t column = right ? last - 3 - width : 3;
    paint_text(&p->paint, column, 1, " ", 1, style);
    paint_text(&p->paint, column + 1, width, text, len, style);
    paint_text(&p->paint, column + 1 + width, 1, " ", 1, style);
}

static void paint_edge(struct page *p, const struct page_box *box, bool top)
{
    size_t last = p->paint.width - 2;
    unsigned extra = box->heavy ? LINE_HEAVY : 0, inward = top ? LINE_DOWN : LINE_UP;
    if (p->standing)
        paint_lanes(p, top ? LINE_UP : LINE_DOWN);
    paint_horizontal(&p->paint, 1, last, extra, box->style);
    paint_line(&p->paint, 1, inward | extra, box->style);
    paint_line(&p->paint, last, inward | extra, box->style);
}

// Beside each lifeline that leaves the box, as far as there is room.
static void paint_names(struct page *p, const struct cast *cast)
{
    for (size_t i = 0; p->standing && i < p->lanes.count; i++) {
        const struct lane *lane = &p->lanes.at[i];
        const char *name = cast_host(cast, lane->host);
        size_t len = strlen(name), width = width_of(name, len), from = lane->column + 1;
        if (lanes_shared(&p->lanes, i) || width + 2 > lane->text_len ||
            (lane->text_ends && width + 4 > lane->column))
            continue;
        if (lane->text_ends)
            from = lane->column - width - 2;
        bool is_free = from + width + 3 < p->paint.width;
        for (size_t c = from; c < from + width + 2; c++)
            is_free = is_free && !paint_has_text(&p->paint, c);
        if (!is_free)
            continue;
        paint_text(&p->paint, from, 1, " ", 1, PAINT_PLAIN);
        paint_text(&p->paint, from + 1, width, name, len, page_hue(p, i) | PAINT_BOLD);
        paint_text(&p->paint, from + 1 + width, 1, " ", 1, PAINT_PLAIN);
    }
}

void page_box(struct page *p, const struct page_box *box)
{
    size_t last = p->paint.width - 2, room = last - 6, len = box->len, next;
    unsigned extra = box->heavy ? LINE_HEAVY : 0;
    const char *text = box->text;
    paint_edge(p, box, true);
    paint_edge_text(p, box->heading, false, box->style);
    page_end(p);
    do {
        size_t line = wrap_line(text, len, room, &next);
        paint_line(&p->paint, 1, LINE_UP | LINE_DOWN | extra, box->style);
        paint_line(&p->paint, last, LINE_UP | LINE_DOWN | extra, box->style);
        paint_text(&p->paint, 4, room, text, line, box->text_style);
        page_end(p);
        text += next;
        len -= next;
    } while (len > 0);
    paint_edge(p, box, false);
    // At the side where no lane's text begins at once.
    paint_edge_text(p, box->footer, !p->standing || !p->lanes.at[0].text_ends, box->style);
    if (box->cast)
        paint_names(p, box->cast);
    page_end(p);
    for (size_t i = 0; i < p->lanes.count; i++)
        p->lanes.at[i].last_actor = 0; // what follows is read anew
    page_forget_clock(p);
}

void page_rule(struct page *p, const char *text, int style)
{
    size_t last = p->paint.width - 2, len = strlen(text);
    if (p->standing)
        paint_lanes(p, LINE_UP);
    paint_horizontal(&p->paint, 1, last, 0, PAINT_QUIET);
    size_t next, line = wrap_line(text, len, last - 5, &next);
    size_t used = paint_text(&p->paint, 3, last - 5, text, line, style);
    paint_text(&p->paint, 2, 1, " ", 1, style);
    paint_text(&p->paint, 3 + used, 1, " ", 1, style);
    page_end(p);
    p->standing = false;
    for (size_t at = next; at < len; at += next) {
        line = wrap_line(text + at, len - at, last - 5, &next);
        paint_text(&p->paint, 3, last - 5, text + at, line, style);
        page_end(p);
    }
}
