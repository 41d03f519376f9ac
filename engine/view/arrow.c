// Implementation of arrow.h.
#include "view/arrow.h"

#include <stdio.h>
#include <string.h>

#include "base/width.h"

#define ROOM_ENOUGH 13    // columns in which a label is put rather than looking for a wider place
#define STUB 6            // columns of an arrow whose other end is not known
#define ROWS_REMEMBERED 9 // after that many rows an arrival says again what arrives

// The free columns between `from` and `end`, going towards `end`: the first wide stretch, or the
// widest.
static size_t find_stretch(const struct page *p, size_t from, size_t end, size_t *len)
{
    bool rightward = end > from;
    size_t best = 0, best_len = 0, start = 0, count = 0;
    for (size_t c = from;; c = rightward ? c + 1 : c - 1) {
        bool is_free = c != end && paint_is_blank(&p->paint, c, c + 1);
        if (is_free) {
            start = count++ ? start : c;
        } else {
            if (count > best_len) {
                best = start;
                best_len = count;
            }
            if (best_len >= ROOM_ENOUGH)
                break;
            count = 0;
        }
        if (c == end)
            break;
    }
    *len = best_len;
    return rightward || best_len == 0 ? best : best - (best_len - 1);
}

// Columns up to the next lifeline: where a label may cover the lines of other packets, if there is
// no better place.
static size_t find_gap(const struct page *p, size_t from, size_t end, size_t *len)
{
    bool rightward = end > from;
    for (size_t i = 0; i < p->lanes.count; i++) {
        size_t lane = p->lanes.at[i].column;
        if (rightward ? lane >= from && lane < end : lane <= from && lane > end)
            end = lane;
    }
    *len = rightward ? end - from : from - end;
    return rightward ? from : end + 1;
}

// Puts the label on a stretch of line, at its beginning as the packet goes: "─ SYN ───". False if
// there is no room.
static bool paint_label(struct page *p, size_t at, size_t len, const struct words_packet *words,
                        bool rightward, int style)
{
    struct buf text = {0};
    // A dash, a blank, the text, a blank; behind it at least the corner or the crossing.
    bool fits = len >= 4 && words_fit(words, len - 3, &text);
    if (fits) {
        buf_byte(&text, ' ');
        size_t width = width_of(text.ptr, text.len) + 1;
        size_t column = rightward ? at + 1 : at + len - 1 - width;
        paint_text(&p->paint, column, 1, " ", 1, style);
        paint_text(&p->paint, column + 1, width, text.ptr, text.len, style);
    }
    buf_fini(&text);
    return fits;
}

void arrow_depart(struct page *p, int64_t t, struct flight *flight,
                  const struct words_packet *words)
{
    const struct lane *from = &p->lanes.at[flight->from];
    flight->row = p->rows;
    flight->column =
        flights_column(&p->flights, &p->lanes, flight->from, flight->to, &flight->rightward);
    bool known = flight->column != LANE_NONE;
    bool rightward = known ? flight->column > from->column
                           : flight->from + 1 < p->lanes.count || !from->text_ends;
    size_t end = flight->column, len;
    if (!known) {
        size_t next = flight->from + 1 < p->lanes.count ? p->lanes.at[flight->from + 1].column
                                                        : p->lanes.width - 1;
        end = rightward ? next - 2 : from->column - STUB;
    }
    page_begin(p, t);
    size_t first = rightward ? from->column + 1 : from->column - 1;
    size_t at = find_stretch(p, first, end, &len);
    paint_horizontal(&p->paint, from->column, end, known ? 0 : LINE_DASHED, flight->style);
    if (known)
        paint_line(&p->paint, flight->column, LINE_DOWN, flight->style);
    int style = flight->style | (words->stands_out ? PAINT_BOLD : 0);
    if (!paint_label(p, at, len, words, rightward, style)) {
        at = find_gap(p, first, end, &len);
        paint_label(p, at, len, words, rightward, style);
    }
    page_end(p);
    struct buf label = {0};
    if (words_fit(words, 10, &label))
        snprintf(flight->label, sizeof flight->label, "%s", buf_string(&label));
    buf_fini(&label);
    flights_add(&p->flights, flight);
}

// A text left of an arrow that begins in `start`, or right of one that goes left, if there is room.
static void put_beside(struct page *p, size_t start, size_t end, const char *text, int style)
{
    size_t len = strlen(text), width = width_of(text, len);
    bool rightward = end > start;
    if (len == 0 || (rightward && start < width + 2))
        return;
    size_t at = rightward ? start - width - 1 : start + 2;
    if (paint_is_blank(&p->paint, at - 1, at + width + 1))
        paint_text(&p->paint, at, width, text, len, style);
}

// What is remarkable about the arrival, or what arrives if it has left long ago.
static void remind(struct page *p, const struct flight *flight, size_t start, size_t end,
                   const char *text, int style)
{
    if (text)
        put_beside(p, start, end, text, style);
    else if (p->rows - flight->row >= ROWS_REMEMBERED)
        put_beside(p, start, end, flight->label, PAINT_QUIET);
}

void arrow_arrive(struct page *p, int64_t t, const struct flight *flight, size_t to,
                  const char *text, int style)
{
    size_t lane = p->lanes.at[to].column, start = flight->column;
    bool known = start != LANE_NONE;
    if (!known) // from where it is not known: a stub at the side of the sender
        start = flight->from < to ? lane - STUB : lane + STUB;
    bool rightward = start < lane;
    size_t head = rightward ? lane - 1 : lane + 1;
    page_begin(p, t);
    if (known || text)
        remind(p, flight, start, head, text, style);
    if (known)
        paint_line(&p->paint, start, LINE_UP, flight->style);
    paint_horizontal(&p->paint, start, head, known ? 0 : LINE_DASHED, flight->style);
    paint_sign(&p->paint, head, rightward ? SIGN_HEAD_RIGHT : SIGN_HEAD_LEFT,
               flight->style | PAINT_BOLD);
    page_end(p);
}

void arrow_stop(struct page *p, int64_t t, const struct flight *flight, enum paint_sign sign,
                const char *text, int style)
{
    size_t column = flight->column, len = strlen(text), width = width_of(text, len);
    page_begin(p, t);
    if (column == LANE_NONE)
        column = p->lanes.at[flight->from].column + STUB;
    size_t sender = p->lanes.at[flight->from].column;
    bool sender_left = sender < column;
    size_t room = sender_left ? column - sender - 2 : sender - column - 2;
    if (width > room)
        width = room;
    paint_text(&p->paint, sender_left ? column - width - 1 : column + 2, width, text, len, style);
    paint_sign(&p->paint, column, sign, style);
    page_end(p);
}

void arrow_many(struct page *p, int64_t t, size_t from, size_t to, const char *const texts[],
                size_t count)
{
    size_t start = p->lanes.at[from].column, lane = p->lanes.at[to].column;
    bool rightward = start < lane;
    size_t head = rightward ? lane - 1 : lane + 1, room = rightward ? head - start : start - head,
           width = 0;
    int style = page_hue(p, from);
    page_begin(p, t);
    paint_horizontal(&p->paint, start, head, LINE_DASHED, style);
    for (size_t i = 0; i < count; i++) {
        width = width_of(texts[i], strlen(texts[i]));
        if (width + 5 > room)
            continue;
        size_t column = rightward ? start + 2 : start - 3 - width;
        paint_text(&p->paint, column, 1, " ", 1, style);
        paint_text(&p->paint, column + 1, width, texts[i], strlen(texts[i]), style);
        paint_text(&p->paint, column + 1 + width, 1, " ", 1, style);
        break;
    }
    paint_sign(&p->paint, head, rightward ? SIGN_HEAD_RIGHT : SIGN_HEAD_LEFT, style | PAINT_BOLD);
    page_end(p);
}
