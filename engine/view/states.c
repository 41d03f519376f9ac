// Implementation of states.h.
#include "view/states.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/width.h"
#include "event/fields.h"
#include "view/page.h"
#include "view/tally.h"
#include "view/tell.h"
#include "view/words.h"

#define LABEL_FROM 3
#define COLUMNS_FROM 17 // behind the labels
#define COLUMN_MIN 15   // a number and some bar
#define NUMBER 7        // columns of a number, "10,000" and a blank
#define ROWS_BESIDE 5   // edges, accept queue, refused, and the cursor

struct states_view {
    struct page page;
    struct cast cast;
    struct words words;
    struct tally tally;
    size_t height; // rows of the terminal
    size_t drawn;  // rows of the table on the terminal, above the cursor
    int64_t t;     // of the last change
    bool redraws, changed;
};

struct states_view *states_view_new(const struct view_options *options)
{
    struct states_view *v = mem_new(sizeof *v);
    page_init(&v->page, options);
    cast_init(&v->cast);
    v->words =
        (struct words){.korean = options->korean, .unicode = options->unicode, .cast = &v->cast};
    v->redraws = options->height > 0;
    v->height = options->height;
    return v;
}

void states_view_free(struct states_view *v)
{
    if (!v)
        return;
    page_fini(&v->page);
    cast_fini(&v->cast);
    tally_fini(&v->tally);
    free(v);
}

void states_view_leave(struct states_view *v)
{
    v->drawn = 0;
    v->changed = true;
}

void states_view_resize(struct states_view *v, size_t width, size_t height)
{
    v->height = height;
    paint_resize(&v->page.paint, width);
    states_view_leave(v); // the terminal may have broken its rows anew
}

// A column of the table: a host, or all that have no column of their own.
struct column {
    const char *name;
    struct tally_host numbers;
    size_t from, len; // on the page
    int hue;
    bool several; // their largest numbers were not at the same time
};

static void add_up(struct tally_host *sum, const struct tally_host *one)
{
    for (int i = 0; i < STATE_COUNT; i++) {
        sum->states[i] += one->states[i];
        sum->most[i] += one->most[i];
    }
    if (one->waiting >= sum->waiting) {
        sum->waiting = one->waiting;
        sum->limit = one->limit;
    }
    sum->refused += one->refused;
    sum->has_waited |= one->has_waited;
}

// As many as fit, in the order in which the scene declares them; how many. `rest` names the last
// one if it stands for several.
static size_t lay_columns(const struct states_view *v, struct column *columns, struct buf *rest)
{
    size_t room = v->page.paint.width - 2 - COLUMNS_FROM, hosts = v->tally.count;
    size_t count = hosts < room / COLUMN_MIN ? hosts : room / COLUMN_MIN;
    for (size_t i = 0; i < hosts; i++) {
        size_t at = i < count ? i : count - 1;
        struct column *c = &columns[at];
        if (i == at)
            *c = (struct column){.name = cast_host(&v->cast, (uint32_t)i + 1),
                                 .from = COLUMNS_FROM + i * (room / count),
                                 .len = room / count,
                                 .hue = page_hue(&v->page, i)};
        add_up(&c->numbers, &v->tally.hosts[i]);
    }
    if (hosts > count && count > 0) {
        buf_printf(rest, words_pick(&v->words, "%zu others", "그 밖 %zu개"), hosts - count + 1);
        columns[count - 1].name = buf_string(rest);
        columns[count - 1].several = true;
    }
    return count;
}

// The row goes over what stood there.
static void put_row(struct states_view *v)
{
    buf_text(v->page.out, "\033[K");
    page_end(&v->page);
    v->drawn++;
}

static void draw_edge(struct states_view *v, bool top, const struct column *columns, size_t count)
{
    struct paint *p = &v->page.paint;
    size_t last = p->width - 2;
    paint_horizontal(p, 1, last, 0, PAINT_QUIET);
    paint_line(p, 1, top ? LINE_DOWN : LINE_UP, PAINT_QUIET);
    paint_line(p, last, top ? LINE_DOWN : LINE_UP, PAINT_QUIET);
    struct buf text = {0};
    buf_byte(&text, ' ');
    words_clock(&text, v->t);
    buf_byte(&text, ' ');
    if (top)
        paint_text(p, LABEL_FROM - 1, COLUMNS_FROM - LABEL_FROM, text.ptr, text.len, PAINT_QUIET);
    buf_fini(&text);
    for (size_t i = 0; top && i < count; i++) {
        const struct column *c = &columns[i];
        size_t used =
            paint_text(p, c->from, c->len - 2, c->name, strlen(c->name), c->hue | PAINT_BOLD);
        paint_text(p, c->from - 1, 1, " ", 1, PAINT_PLAIN);
        paint_text(p, c->from + used, 1, " ", 1, PAINT_PLAIN);
    }
    put_row(v);
}

static void begin_row(struct states_view *v, const char *label, int style)
{
    struct paint *p = &v->page.paint;
    paint_line(p, 1, LINE_UP | LINE_DOWN, PAINT_QUIET);
    paint_line(p, p->width - 2, LINE_UP | LINE_DOWN, PAINT_QUIET);
    paint_text(p, LABEL_FROM, COLUMNS_FROM - LABEL_FROM - 1, label, strlen(label), style);
}

static void paint_number(struct paint *p, const struct column *c, uint64_t n, int style)
{
    struct buf text = {0};
    words_number(&text, n);
    size_t width = text.len < NUMBER - 1 ? NUMBER - 1 - text.len : 0;
    paint_text(p, c->from + width, NUMBER - 1, text.ptr, text.len, style);
    buf_fini(&text);
}

// A bar of n of `full`, where the whole is `room` columns; how many it takes.
static size_t paint_bar(struct paint *p, size_t from, size_t room, uint64_t n, uint64_t full,
                        int style)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    // As long as they can be counted, one column is one socket.
    uint64_t eighth = full <= room ? n * 8 : n * 8 * room / full;
    if (n && !eighth)
        eighth = 1;
    size_t whole = p->unicode ? eighth / 8 : (eighth + 7) / 8, at = from;
    for (size_t i = 0; i < whole; i++, at++)
        paint_text(p, at, 1, p->unicode ? "█" : "#", p->unicode ? 3 : 1, style);
    if (p->unicode && eighth % 8)
        paint_text(p, at++, 1, eighths[eighth % 8], 3, style);
    return at - from;
}

static void draw_state(struct states_view *v, enum tcp_state state, const struct column *columns,
                       size_t count, uint64_t full)
{
    struct paint *p = &v->page.paint;
    begin_row(v, names_of_state[state], PAINT_PLAIN);
    for (size_t i = 0; i < count; i++) {
        const struct column *c = &columns[i];
        uint32_t now = c->numbers.states[state], most = c->numbers.most[state];
        if (!most)
            continue;
        paint_number(p, c, now, now ? c->hue | PAINT_BOLD : PAINT_QUIET);
        if (state == STATE_LISTEN)
            continue;
        size_t room = c->len - NUMBER - 2;
        size_t used = paint_bar(p, c->from + NUMBER, room, now, full, c->hue);
        struct buf text = {0};
        buf_text(&text, words_pick(&v->words, "max ", "최대 "));
        words_number(&text, most);
        if (most > now && !c->several && used + 1 + width_of(text.ptr, text.len) <= room)
            paint_text(p, c->from + NUMBER + used + (used > 0), room, text.ptr, text.len,
                       PAINT_QUIET);
        buf_fini(&text);
    }
    put_row(v);
}

static void draw_queues(struct states_view *v, const struct column *columns, size_t count)
{
    struct paint *p = &v->page.paint;
    begin_row(v, words_pick(&v->words, "accept queue", "accept 큐"), PAINT_PLAIN);
    for (size_t i = 0; i < count; i++) {
        const struct tally_host *h = &columns[i].numbers;
        if (!h->has_waited)
            continue;
        int style = h->waiting > h->limit ? PAINT_ALARM | PAINT_BOLD
                    : h->waiting          ? columns[i].hue | PAINT_BOLD
                                          : PAINT_QUIET;
        struct buf text = {0};
        buf_printf(&text, words_pick(&v->words, "of %lld", "/ %lld"), (long long)h->limit);
        paint_number(p, &columns[i], (uint64_t)h->waiting, style);
        paint_text(p, columns[i].from + NUMBER, columns[i].len - NUMBER - 1, text.ptr, text.len,
                   style);
        buf_fini(&text);
    }
    put_row(v);
}

static void draw_refused(struct states_view *v, const struct column *columns, size_t count)
{
    begin_row(v, words_pick(&v->words, "dropped", "버려짐"), PAINT_ALARM | PAINT_BOLD);
    for (size_t i = 0; i < count; i++)
        if (columns[i].numbers.refused)
            paint_number(&v->page.paint, &columns[i], columns[i].numbers.refused,
                         PAINT_ALARM | PAINT_BOLD);
    put_row(v);
}

static void draw_table(struct states_view *v)
{
    struct column *columns = mem_new((v->tally.count + 1) * sizeof *columns);
    struct buf rest = {0};
    size_t count = lay_columns(v, columns, &rest);
    struct tally_host all = {0};
    uint64_t full = 1;
    for (size_t i = 0; i < count; i++) {
        add_up(&all, &columns[i].numbers);
        for (const enum tcp_state *s = tally_order + 1; *s; s++) // without LISTEN
            if (columns[i].numbers.most[*s] > full)
                full = columns[i].numbers.most[*s];
    }
    draw_edge(v, true, columns, count);
    for (const enum tcp_state *s = tally_order; *s && v->drawn + ROWS_BESIDE <= v->height; s++)
        if (all.most[*s])
            draw_state(v, *s, columns, count, full);
    if (all.has_waited)
        draw_queues(v, columns, count);
    if (all.refused)
        draw_refused(v, columns, count);
    draw_edge(v, false, columns, count);
    buf_fini(&rest);
    free(columns);
}

void states_view_show(struct states_view *v, struct buf *out)
{
    if (!v->redraws || !v->changed || v->tally.count == 0)
        return;
    v->page.out = out;
    if (v->drawn)
        buf_printf(out, "\033[%zuA", v->drawn);
    v->drawn = 0;
    v->changed = false;
    draw_table(v);
    buf_text(out, "\033[J");
}

// One line of a host: all that it has, and what it has no more.
static void put_line(struct states_view *v, const struct event *e)
{
    const struct tally_host *h = &v->tally.hosts[e->host - 1];
    struct paint *p = &v->page.paint;
    const char *name = cast_host(&v->cast, e->host);
    struct buf text = {0};
    uint32_t gone = e->type == EVENT_STATE ? e->as.state.from : STATE_NONE;
    for (const enum tcp_state *s = tally_order; *s; s++)
        if (h->states[*s] || *s == gone)
            buf_printf(&text, "%s%s\u00a0%u", text.len ? "  " : "", names_of_state[*s],
                       h->states[*s]);
    if (h->has_waited)
        buf_printf(&text,
                   words_pick(&v->words, "  accept queue %lld of %lld", "  accept 큐 %lld/%lld"),
                   (long long)h->waiting, (long long)h->limit);
    if (h->refused)
        buf_printf(&text, words_pick(&v->words, "  dropped %u", "  버려짐 %u"), h->refused);
    page_begin(&v->page, e->t);
    size_t room = p->width - 1 - LANE_CLOCK, used;
    used = paint_text(p, LANE_CLOCK, room / 4, name, strlen(name),
                      page_hue(&v->page, e->host - 1) | PAINT_BOLD);
    used = used < 8 ? 8 : used;
    paint_text(p, LANE_CLOCK + used + 2, room - used - 2, text.ptr, text.len, PAINT_PLAIN);
    page_end(&v->page);
    buf_fini(&text);
}

// What the scene says goes above the table, which is drawn again below it.
static void make_room(struct states_view *v)
{
    if (v->drawn)
        buf_printf(v->page.out, "\033[%zuA\033[J", v->drawn);
    v->drawn = 0;
    v->changed = true;
    page_forget_clock(&v->page);
}

static void tell(struct states_view *v, const struct event *e)
{
    struct page *p = &v->page;
    switch (e->type) {
    case EVENT_SCENE:
        tell_title(p, e);
        break;
    case EVENT_SAY:
    case EVENT_CUE:
        tell_say(p, &v->words, e);
        break;
    case EVENT_PRINT:
        tell_print(p, &v->words, e);
        break;
    case EVENT_EXPECT:
        tell_expect(p, &v->words, e);
        break;
    case EVENT_ERROR:
        tell_error(p, &v->words, e);
        break;
    case EVENT_END:
        tell_end(p, &v->words, e);
        break;
    default:
        break;
    }
}

static bool is_told(enum event_type type)
{
    return type == EVENT_SCENE || type == EVENT_SAY || type == EVENT_CUE || type == EVENT_PRINT ||
           type == EVENT_EXPECT || type == EVENT_ERROR || type == EVENT_END;
}

void states_view_event(struct states_view *v, const struct event *e, struct buf *out)
{
    v->page.out = out;
    cast_learn(&v->cast, e);
    if (tally_take(&v->tally, &v->cast, e)) {
        v->changed = true;
        v->t = e->t;
        if (!v->redraws)
            put_line(v, e);
    }
    if (!is_told((enum event_type)e->type))
        return;
    if (e->type == EVENT_END) { // the last table stays above it
        states_view_show(v, out);
        v->drawn = 0;
    } else {
        make_room(v);
    }
    tell(v, e);
}
