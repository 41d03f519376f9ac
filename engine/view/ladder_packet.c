// Implementation of ladder.h: packets on their way.
#include <string.h>

#include "view/arrow.h"
#include "view/ladder_parts.h"

// The host at the other end: of a wire between two the other one, else who has the address, else
// who has the MAC.
static uint32_t next_host(const struct ladder *l, const struct event *e)
{
    const struct event_packet *p = &e->as.packet;
    if (p->wire == 0 || p->wire > l->cast.wire_count)
        return p->to;
    const struct cast_wire *wire = &l->cast.wires[p->wire - 1];
    if (wire->end_count == 1)
        return e->host;
    if (wire->end_count == 2)
        return wire->ends[wire->ends[0].host == e->host].host;
    if (p->frame.len >= 6 && event_bytes(e, p->frame)[0] & 1)
        return 0; // a group: everybody
    for (size_t i = 0; i < wire->end_count; i++)
        if (p->to && wire->ends[i].host == p->to)
            return p->to;
    for (size_t i = 0; i < wire->end_count && p->frame.len >= 6; i++)
        if (memcmp(wire->ends[i].mac, event_bytes(e, p->frame), 6) == 0)
            return wire->ends[i].host;
    return 0;
}

void ladder_draw_packet(struct ladder *l, const struct event *e)
{
    ladder_prepare(l, e->t);
    struct words_packet words;
    size_t from = lanes_of(&l->page.lanes, e->host), to = lanes_of(&l->page.lanes, next_host(l, e));
    if (from == LANE_NONE)
        return;
    words_packet(&l->words, e, &words);
    if (lanes_shared(&l->page.lanes, from))
        words_packet_name(&words, cast_host(&l->cast, e->host));
    else if (to != LANE_NONE && lanes_shared(&l->page.lanes, to))
        words_packet_name(&words, cast_host(&l->cast, next_host(l, e)));
    struct flight flight = {.id = e->id, .from = from, .to = to, .style = page_hue(&l->page, from)};
    arrow_depart(&l->page, e->t, &flight, &words);
}

static void stop_packet(struct ladder *l, const struct event *e, const struct flight *flight)
{
    const struct event_arrive *a = &e->as.arrive;
    static const char *const said[FATE_COUNT][2] = {[FATE_DROPPED] = {"dropped", "버려짐"},
                                                    [FATE_HELD] = {"held", "붙잡힘"},
                                                    [FATE_ABSORBED] = {"absorbed", "흡수됨"}};
    struct buf text = {0};
    bool is_step =
        a->fate == FATE_HELD && a->why.len == 4 && memcmp(event_bytes(e, a->why), "step", 4) == 0;
    buf_text(&text, said[a->fate][l->words.korean]);
    if (is_step) {
        buf_text(&text, words_pick(&l->words, ": space", ": 스페이스"));
    } else if (a->why.len) {
        buf_text(&text, ": ");
        buf_put(&text, event_bytes(e, a->why), a->why.len);
    }
    if (a->fate == FATE_HELD)
        arrow_stop(&l->page, e->t, flight, SIGN_HELD, buf_string(&text),
                   flight->style | PAINT_BOLD);
    else if (a->fate == FATE_ABSORBED)
        arrow_stop(&l->page, e->t, flight, SIGN_DOT, buf_string(&text), PAINT_QUIET);
    else
        arrow_stop(&l->page, e->t, flight, SIGN_CROSS, buf_string(&text), PAINT_ALARM | PAINT_BOLD);
    buf_fini(&text);
}

static bool arrives(const struct event *e)
{
    return e->as.arrive.fate == FATE_DELIVERED || e->as.arrive.fate == FATE_CORRUPTED;
}

static void draw_arrival(struct ladder *l, const struct event *e, const struct flight *flight,
                         size_t lane)
{
    struct buf text = {0};
    int style = PAINT_QUIET;
    if (e->as.arrive.fate == FATE_CORRUPTED) {
        style = PAINT_ALARM | PAINT_BOLD;
        buf_text(&text, words_pick(&l->words, "corrupted", "손상됨"));
    } else if (e->as.arrive.copies) {
        buf_printf(&text, words_pick(&l->words, "+%u absorbed", "+%u 흡수됨"), e->as.arrive.copies);
    }
    arrow_arrive(&l->page, e->t, flight, lane, text.len ? buf_string(&text) : NULL, style);
    buf_fini(&text);
}

// What arrives once more has no line any more that it could come out of.
static void draw_duplicate(struct ladder *l, const struct event *e)
{
    const struct flight *past = flights_find_past(&l->page.flights, e->as.arrive.packet);
    size_t lane = lanes_of(&l->page.lanes, e->host);
    if (!past || lane == LANE_NONE)
        return; // folded
    struct flight flight = *past;
    flight.column = LANE_NONE;
    ladder_prepare(l, e->t);
    arrow_arrive(&l->page, e->t, &flight, lane, words_pick(&l->words, "once more", "한 번 더"),
                 PAINT_ALARM | PAINT_BOLD);
}

void ladder_tell_run(struct ladder *l, struct fold_run *run)
{
    int64_t t = run->last_ns > l->page.last_ns ? run->last_ns : l->page.last_ns;
    size_t from = lanes_of(&l->page.lanes, run->hidden_host), to = LANE_NONE;
    const struct cast_wire *wire =
        run->wire && run->wire <= l->cast.wire_count ? &l->cast.wires[run->wire - 1] : NULL;
    for (size_t i = 0; wire && i < wire->end_count; i++)
        if (wire->ends[i].host != run->hidden_host)
            to = lanes_of(&l->page.lanes, wire->ends[i].host);
    struct buf n = {0}, bytes = {0}, texts[3] = {{0}, {0}, {0}};
    words_number(&n, run->hidden);
    words_number(&bytes, run->hidden_bytes);
    const char *count = buf_string(&n), *sum = buf_string(&bytes),
               *more = paint_sign_text(l->words.unicode, SIGN_MORE);
    buf_printf(
        &texts[0],
        words_pick(&l->words, "%s %s more segments, %s bytes", "%s 세그먼트 %s개 더, %s 바이트"),
        more, count, sum);
    buf_printf(&texts[1], words_pick(&l->words, "%s %s more, %s B", "%s %s개 더, %s B"), more,
               count, sum);
    buf_printf(&texts[2], words_pick(&l->words, "%s %s more", "%s %s개 더"), more, count);
    const char *all[] = {buf_string(&texts[0]), buf_string(&texts[1]), buf_string(&texts[2])};
    if (from != LANE_NONE && to != LANE_NONE && from != to)
        arrow_many(&l->page, t, from, to, all, 3);
    else
        page_across(&l->page, t, "", all[0], strlen(all[0]), PAINT_QUIET, PAINT_QUIET);
    for (size_t i = 0; i < 3; i++)
        buf_fini(&texts[i]);
    buf_fini(&n);
    buf_fini(&bytes);
    fold_told(run, t);
}

// What is lost or held on entering is told right after it: then it is drawn, though it was folded.
static void unfold(struct ladder *l, const struct event *e)
{
    const struct event *packet = (const void *)l->hidden.ptr;
    enum packet_fate fate = e->as.arrive.fate;
    if ((fate != FATE_DROPPED && fate != FATE_HELD) || !l->hidden.len ||
        packet->id != e->as.arrive.packet)
        return;
    struct fold_run *run = fold_take_out(&l->fold, packet);
    if (run)
        ladder_tell_run(l, run);
    ladder_draw_packet(l, packet);
    buf_reset(&l->hidden);
}

void ladder_draw_arrive(struct ladder *l, const struct event *e)
{
    if (e->as.arrive.fate == FATE_DUPLICATED) {
        draw_duplicate(l, e);
        return;
    }
    struct flight *found = flights_find(&l->page.flights, e->as.arrive.packet);
    if (!found) {
        unfold(l, e);
        found = flights_find(&l->page.flights, e->as.arrive.packet);
    }
    if (!found)
        return; // folded
    ladder_prepare(l, e->t);
    found = flights_find(&l->page.flights, e->as.arrive.packet);
    if (!found)
        return;
    struct flight flight = *found;
    if (e->as.arrive.fate == FATE_HELD) {
        found->held = true;
    } else if (flight.column != LANE_NONE) {
        flights_remove(&l->page.flights, flight.id);
    }
    size_t lane = lanes_of(&l->page.lanes, e->host);
    if (arrives(e) && lane != LANE_NONE)
        draw_arrival(l, e, &flight, lane);
    else if (e->as.arrive.fate == FATE_DROPPED || e->as.arrive.fate == FATE_HELD ||
             e->as.arrive.fate == FATE_ABSORBED)
        stop_packet(l, e, &flight);
}
