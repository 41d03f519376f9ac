// Implementation of stage.h.
#include "view/stage.h"

#include <string.h>

#include "base/width.h"
#include "event/addr.h"

#define WIRE_ROWS 6 // more wires than that are not drawn one by one

void stage_wire_text(struct buf *out, const struct cast_wire *wire)
{
    if (wire->loopback) {
        buf_printf(out, "mtu %u", wire->mtu);
        return;
    }
    if (wire->delay_ns > 0)
        words_duration(out, wire->delay_ns);
    else
        buf_text(out, "0 ms");
    if (wire->mtu && wire->mtu != 1500)
        buf_printf(out, ", mtu %u", wire->mtu);
    if (wire->options)
        buf_printf(out, ", %s", wire->options);
}

// "─── 20 ms ───" between two columns that are painted otherwise.
static void paint_span(struct page *p, size_t left, size_t right, const char *text, int style)
{
    size_t len = strlen(text), width = width_of(text, len), room = right - left - 1;
    paint_horizontal(&p->paint, left + 1, right - 1, LINE_LEFT | LINE_RIGHT, style);
    if (len == 0 || width + 4 > room)
        return;
    size_t at = left + 1 + (room - width) / 2;
    paint_text(&p->paint, at - 1, 1, " ", 1, style);
    paint_text(&p->paint, at, width, text, len, style);
    paint_text(&p->paint, at + width, 1, " ", 1, style);
}

static void beside(struct page *p, size_t at, const char *text, size_t len, int style)
{
    const struct lane *lane = &p->lanes.at[at];
    size_t width = width_of(text, len), shift = 0;
    if (lane->text_ends && width < lane->text_len)
        shift = lane->text_len - width;
    paint_text(&p->paint, lane->text_from + shift, lane->text_len - shift, text, len, style);
}

static void paint_name(struct page *p, const struct words *w, size_t at)
{
    struct buf name = {0};
    if (lanes_shared(&p->lanes, at)) {
        buf_printf(&name, "+%zu:", p->lanes.hosts - at);
        for (size_t i = at; i < p->lanes.hosts; i++)
            buf_printf(&name, " %s", cast_host(w->cast, p->lanes.order[i]));
    } else {
        buf_text(&name, cast_host(w->cast, p->lanes.at[at].host));
    }
    beside(p, at, name.ptr, name.len, page_hue(p, at) | PAINT_BOLD);
    buf_fini(&name);
}

// The host's address on its first wire: of IPv4, or the one of IPv6. False if it has none.
static bool paint_address(struct page *p, const struct words *w, size_t at, bool six)
{
    char text[ADDR_TEXT];
    uint32_t host = p->lanes.at[at].host;
    if (lanes_shared(&p->lanes, at))
        return false;
    for (size_t i = 0; i < w->cast->wire_count; i++) {
        const struct cast_wire *wire = &w->cast->wires[i];
        for (size_t j = 0; wire->end_count > 1 && j < wire->end_count; j++)
            if (wire->ends[j].host == host) {
                struct addr a = six ? wire->ends[j].address6 : wire->ends[j].address;
                a.port = 0;
                addr_text(&a, text);
                beside(p, at, text, strlen(text), PAINT_QUIET);
                return a.family != 0;
            }
    }
    return false;
}

static void draw_addresses(struct page *p, const struct words *w, bool six)
{
    bool any = !six;
    for (size_t i = 0; i < p->lanes.count; i++) {
        paint_line(&p->paint, p->lanes.at[i].column, LINE_UP | LINE_DOWN, page_hue(p, i));
        any |= paint_address(p, w, i, six);
    }
    if (any)
        page_end(p);
    else
        paint_clear(&p->paint);
}

static bool is_at(const struct page *p, const struct cast_wire *wire, size_t lane)
{
    for (size_t i = 0; i < wire->end_count; i++)
        if (lanes_of(&p->lanes, wire->ends[i].host) == lane)
            return true;
    return false;
}

// "front 10.1.0.0/16, 1 ms"; with less room "front, 1 ms", then "1 ms". Only a switch has a name of
// its own.
static void put_wire(struct buf *out, const struct cast_wire *wire, size_t room)
{
    const struct addr *a = &wire->ends[0].address;
    for (int level = 2; level >= 0; level--) {
        buf_reset(out);
        if (level > 0 && wire->shared)
            buf_text(out, wire->name);
        if (level > 1 && a->family == 4 && wire->ends[0].prefix == 16)
            buf_printf(out, "%s%u.%u.0.0/16", out->len ? " " : "", a->bytes[0], a->bytes[1]);
        buf_text(out, out->len ? ", " : "");
        stage_wire_text(out, wire);
        if (width_of(out->ptr, out->len) + 4 <= room)
            return;
    }
}

// A row for a wire: a line that joins the lanes of its hosts, and passes behind the others.
static void draw_wire(struct page *p, const struct cast_wire *wire)
{
    size_t left = LANE_NONE, right = 0;
    struct buf text = {0};
    for (size_t i = 0; i < p->lanes.count; i++)
        if (is_at(p, wire, i)) {
            left = left == LANE_NONE ? i : left;
            right = i;
        }
    if (left == LANE_NONE || left == right)
        return;
    page_begin(p, PAGE_NO_CLOCK);
    put_wire(&text, wire, p->lanes.at[left + 1].column - p->lanes.at[left].column - 1);
    for (size_t i = left; i < right; i++) {
        size_t from = p->lanes.at[i].column, to = p->lanes.at[i + 1].column;
        if (is_at(p, wire, i))
            paint_line(&p->paint, from, LINE_RIGHT, PAINT_QUIET);
        if (is_at(p, wire, i + 1))
            paint_line(&p->paint, to, LINE_LEFT, PAINT_QUIET);
        paint_span(p, from, to, i == left ? buf_string(&text) : "", PAINT_QUIET);
    }
    page_end(p);
    buf_fini(&text);
}

static void draw_wires(struct page *p, const struct words *w, bool between)
{
    size_t drawn = 0;
    for (size_t i = 0; i < w->cast->wire_count && drawn < WIRE_ROWS; i++) {
        if (w->cast->wires[i].end_count < 2)
            continue;
        if (between) { // the first one stands between the names
            between = false;
            continue;
        }
        draw_wire(p, &w->cast->wires[i]);
        drawn++;
    }
}

// The first wire that joins two hosts or more.
static const struct cast_wire *first_wire(const struct cast *cast)
{
    for (size_t i = 0; i < cast->wire_count; i++)
        if (cast->wires[i].end_count > 1)
            return &cast->wires[i];
    return NULL;
}

void stage_draw(struct page *p, const struct words *w, bool again)
{
    if (!again)
        lanes_lay(&p->lanes, w->cast, p->paint.width);
    const struct cast_wire *wire = first_wire(w->cast);
    bool between = p->lanes.count == 2 && p->lanes.at[0].text_ends && wire;
    if (p->rows > 0 && !p->flights.count)
        page_end(p);
    p->standing = false;
    page_forget_clock(p);
    if (between) {
        struct buf text = {0};
        stage_wire_text(&text, wire);
        paint_span(p, p->lanes.at[0].column, p->lanes.at[1].column, buf_string(&text), PAINT_QUIET);
        buf_fini(&text);
    }
    for (size_t i = 0; i < p->lanes.count; i++) {
        paint_sign(&p->paint, p->lanes.at[i].column, SIGN_HOST, page_hue(p, i) | PAINT_BOLD);
        paint_name(p, w, i);
        p->lanes.at[i].last_actor = 0;
    }
    page_end(p);
    p->standing = true;
    draw_addresses(p, w, false);
    if (!again) {
        draw_addresses(p, w, true);
        draw_wires(p, w, between);
    }
    page_forget_clock(p);
}
