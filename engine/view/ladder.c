// Implementation of ladder.h: what each event looks like.
#include "view/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "view/arrow.h"
#include "view/crew.h"
#include "view/figures.h"
#include "view/fold.h"
#include "view/page.h"
#include "view/stage.h"
#include "view/tell.h"
#include "view/words.h"

#define HEAD_AFTER 50                // rows since the names of the hosts were seen last
#define OUTPUT_ROWS 2                // for a line of it in a lane
#define PAUSE_MIN_NS (25 * CLOCK_MS) // a delayed ACK, for one, takes 40

struct ladder {
    struct page page;
    struct cast cast;
    struct words words;
    struct crew crew;
    struct fold fold;
    struct figures figures;
    uint64_t head_row; // rows written when the names were drawn last
    size_t hosts_drawn;
    bool resized;       // the lanes have moved since they were drawn
    int64_t longest_ns; // delay of the slowest wire
    int64_t paused_ns;  // up to then time that went by is marked
};

struct ladder *ladder_new(const struct view_options *options)
{
    struct ladder *l = mem_new(sizeof *l);
    page_init(&l->page, options);
    cast_init(&l->cast);
    l->words = (struct words){options->korean, options->unicode, &l->cast, false, true};
    return l;
}

void ladder_free(struct ladder *l)
{
    if (!l)
        return;
    page_fini(&l->page);
    cast_fini(&l->cast);
    crew_fini(&l->crew);
    fold_fini(&l->fold);
    figures_fini(&l->figures);
    free(l);
}

void ladder_resize(struct ladder *l, size_t width)
{
    struct page *p = &l->page;
    size_t lanes = p->lanes.count;
    paint_resize(&p->paint, width);
    if (!p->standing)
        return;
    lanes_lay(&p->lanes, &l->cast, p->paint.width);
    if (p->lanes.count == lanes)
        flights_lay(&p->flights, &p->lanes);
    else
        p->flights.count = 0;
    l->resized = true;
}

static void draw_heads(struct ladder *l)
{
    bool again = l->page.standing && l->hosts_drawn == l->cast.host_count && !l->resized;
    if (!again && !l->resized) // other lanes: what was in flight has no place any more
        l->page.flights.count = 0;
    l->hosts_drawn = l->cast.host_count;
    l->resized = false;
    stage_draw(&l->page, &l->words, again);
    l->head_row = l->page.rows;
}

// Before any row with lanes: heads when they are new or long out of sight, and a mark where time
// went by.
static void prepare(struct ladder *l, int64_t t)
{
    struct page *p = &l->page;
    uint64_t since = p->rows - l->head_row;
    // Not between a cause and its effect, nor through what is in flight.
    bool is_calm = p->standing && p->flights.count == 0 && t - p->last_ns >= CLOCK_MS;
    if (l->hosts_drawn != l->cast.host_count || l->resized || (since >= HEAD_AFTER && is_calm))
        draw_heads(l);
    int64_t pause = p->last_ns < 0 ? 0 : t - p->last_ns;
    if (p->standing && pause >= PAUSE_MIN_NS && pause > 3 * l->longest_ns && t > l->paused_ns) {
        l->paused_ns = t;
        struct buf text = {0};
        buf_printf(&text, "%s ", paint_sign_text(p->paint.unicode, SIGN_GAP));
        words_duration(&text, pause);
        page_begin(p, PAGE_NO_CLOCK);
        paint_text(&p->paint, 0, LANE_CLOCK, text.ptr, text.len, PAINT_QUIET);
        page_end(p);
        buf_fini(&text);
    }
}

static void wake_lanes(struct ladder *l)
{
    struct lanes *lanes = &l->page.lanes;
    for (size_t i = 0; i < lanes->count; i++)
        lanes->at[i].asleep = !lanes_shared(lanes, i) && crew_asleep(&l->crew, lanes->at[i].host);
}

// A text beside the lane of a host, named where the lane is shared; `who` else names the actor.
static void write_beside(struct ladder *l, int64_t t, uint32_t host, const char *actor,
                         const struct buf *must, const struct buf *may, int style)
{
    size_t at = lanes_of(&l->page.lanes, host);
    struct buf who = {0};
    if (lanes_shared(&l->page.lanes, at))
        buf_printf(&who, "%s ", cast_host(&l->cast, host));
    if (*actor)
        buf_printf(&who, "%s ", actor);
    if (who.len)
        who.ptr[who.len - 1] = ':', buf_byte(&who, ' ');
    page_write(
        &l->page, t, at,
        &(struct page_text){who.ptr, must->ptr, may->ptr, who.len, must->len, may->len, style});
    buf_fini(&who);
}

// What an actor has done, with the names it needs: actor (if another than last time), connection.
static void write_call(struct ladder *l, const struct event *e, uint32_t conn,
                       const struct buf *must, const struct buf *may, int style)
{
    prepare(l, e->t);
    size_t at = lanes_of(&l->page.lanes, e->host);
    if (at == LANE_NONE)
        return;
    struct lane *lane = &l->page.lanes.at[at];
    // The first to act in a lane is named only if that tells more than the lane does.
    bool is_plain = lane->last_actor == 0 && e->actor && e->actor <= l->cast.actor_count &&
                    (l->cast.actors[e->actor - 1].role == ROLE_MAIN ||
                     strcmp(cast_actor(&l->cast, e->actor), cast_host(&l->cast, e->host)) == 0);
    bool is_named = e->actor && e->actor != lane->last_actor && !is_plain;
    if (e->actor)
        lane->last_actor = e->actor;
    struct buf more = {0};
    if (l->words.name_conns && conn)
        buf_printf(&more, "c%u%s", conn, may->len ? "  " : "");
    buf_put(&more, may->ptr, may->len);
    write_beside(l, e->t, e->host, is_named ? cast_actor(&l->cast, e->actor) : "", must, &more,
                 style);
    buf_fini(&more);
}

// What is seen of the kernel on a host; whose call has brought it about is no matter.
static void write_seen(struct ladder *l, int64_t t, uint32_t host, const struct buf *must,
                       const struct buf *may, int style)
{
    prepare(l, t);
    size_t at = lanes_of(&l->page.lanes, host);
    if (at != LANE_NONE)
        write_beside(l, t, host, "", must, may, style ? style : page_hue(&l->page, at));
}

static void draw_call(struct ladder *l, const struct event *e)
{
    bool returned = e->type == EVENT_CALL;
    struct buf must = {0}, may = {0};
    if (returned)
        words_call(&l->words, e, &must, &may);
    else
        words_blocked(&l->words, e, &must, &may);
    int style = returned && words_call_failed(e) ? PAINT_ALARM | PAINT_BOLD : PAINT_PLAIN;
    write_call(l, e, returned ? e->as.call.conn : e->as.blocked.conn, &must, &may, style);
    buf_fini(&must);
    buf_fini(&may);
}

static void draw_program(struct ladder *l, const struct event *e)
{
    struct buf must = {0}, may = {0};
    words_program(&l->words, e, &must);
    write_call(l, e, 0, &must, &may,
               PAINT_BOLD | (words_program_failed(e) ? PAINT_ALARM : PAINT_PLAIN));
    buf_fini(&must);
}

// In the host's lane where it has room for such lines, else across the page.
static void draw_output(struct ladder *l, const struct event *e)
{
    const struct event_output *o = &e->as.output;
    struct buf text = {0}, may = {0}, mark = {0};
    size_t widest = words_output(&l->words, e, &text);
    prepare(l, e->t);
    size_t at = lanes_of(&l->page.lanes, e->host);
    if (at != LANE_NONE && widest <= OUTPUT_ROWS * l->page.lanes.at[at].text_len) {
        write_seen(l, e->t, e->host, &text, &may, PAINT_QUIET);
    } else {
        buf_put(&mark, event_bytes(e, o->program), o->program.len);
        buf_byte(&mark, ':');
        page_across(&l->page, e->t, buf_string(&mark), text.ptr, text.len,
                    at == LANE_NONE ? PAINT_QUIET : page_hue(&l->page, at), PAINT_QUIET);
    }
    buf_fini(&text);
    buf_fini(&mark);
}

static void draw_busy(struct ladder *l, const struct event *e)
{
    struct buf must = {0}, may = {0};
    words_busy(&l->words, e, &must);
    if (e->host)
        write_call(l, e, 0, &must, &may, PAINT_BOLD);
    else
        tell_busy(&l->page, &l->words, e);
    buf_fini(&must);
}

static void draw_state(struct ladder *l, const struct event *e)
{
    const struct event_state *s = &e->as.state;
    struct buf must = {0}, may = {0};
    if (l->words.name_conns && s->conn)
        buf_printf(&must, "c%u\u00a0", s->conn);
    buf_printf(&must, "[%s]", words_state(s->to));
    if (s->to == STATE_TIME_WAIT && s->expires_ns > 0)
        words_duration(&may, s->expires_ns);
    figures_explain(&l->words, s, &may);
    prepare(l, e->t);
    size_t at = lanes_of(&l->page.lanes, e->host);
    write_seen(l, e->t, e->host, &must, &may,
               PAINT_BOLD | (at == LANE_NONE ? 0 : page_hue(&l->page, at)));
    buf_fini(&must);
    buf_fini(&may);
}

static void draw_figures(struct ladder *l, const struct event *e)
{
    struct figures_text text;
    if (figures_take(&l->figures, &l->words, e, &text))
        write_seen(l, e->t, e->host, &text.must, &text.may,
                   text.alarm ? PAINT_ALARM | PAINT_BOLD : 0);
    figures_text_fini(&text);
}

// Before the page turns: what has changed little by little.
static void draw_queues_due(struct ladder *l, int64_t t)
{
    struct figures_text text = {0};
    uint32_t host;
    while (figures_due(&l->figures, &l->words, &host, &text)) {
        write_seen(l, t, host, &text.must, &text.may, 0);
        figures_text_fini(&text);
        text = (struct figures_text){0};
    }
}

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

static void draw_packet(struct ladder *l, const struct event *e)
{
    prepare(l, e->t);
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
    prepare(l, e->t);
    arrow_arrive(&l->page, e->t, &flight, lane, words_pick(&l->words, "once more", "한 번 더"),
                 PAINT_ALARM | PAINT_BOLD);
}

static void draw_arrive(struct ladder *l, const struct event *e)
{
    if (e->as.arrive.fate == FATE_DUPLICATED) {
        draw_duplicate(l, e);
        return;
    }
    struct flight *found = flights_find(&l->page.flights, e->as.arrive.packet);
    if (!found)
        return; // folded
    prepare(l, e->t);
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

static void tell_run(struct ladder *l, struct fold_run *run)
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

static void note_wire(struct ladder *l, const struct event *e)
{
    uint32_t wire = e->as.link.wire;
    if (wire == 0 || wire > l->cast.wire_count)
        return;
    if (e->as.link.delay_ns > l->longest_ns)
        l->longest_ns = e->as.link.delay_ns;
    if (e->as.link.again && l->page.standing)
        tell_wire(&l->page, &l->words, e);
}

static void draw_say(struct ladder *l, const struct event *e)
{
    if (l->cast.host_count && !l->page.standing)
        prepare(l, e->t);
    tell_say(&l->page, &l->words, e);
    l->head_row = l->page.rows;
}

static uint32_t conn_of(const struct event *e)
{
    return e->type == EVENT_PACKET    ? e->as.packet.conn
           : e->type == EVENT_CALL    ? e->as.call.conn
           : e->type == EVENT_BLOCKED ? e->as.blocked.conn
           : e->type == EVENT_STATE   ? e->as.state.conn
           : e->type == EVENT_QUEUE   ? e->as.queue.conn
           : e->type == EVENT_TCP     ? e->as.tcp.conn
                                      : 0;
}

static void note_crew(struct ladder *l, const struct event *e)
{
    if (e->type == EVENT_CALL || e->type == EVENT_BLOCKED || e->type == EVENT_BUSY)
        crew_acts(&l->crew, e->host, e->actor, e->type == EVENT_BLOCKED);
    else if (e->type == EVENT_PROGRAM)
        crew_program(&l->crew, e->host, e->as.program.ended);
    else if (e->type == EVENT_ACTOR && e->as.actor.ended != ENDED_NOT)
        crew_ended(&l->crew, e->actor);
    wake_lanes(l);
}

// Narration ends all runs; returns whether the event itself is to be drawn.
static bool fold(struct ladder *l, const struct event *e)
{
    struct fold_run *run = NULL;
    bool turns_page = e->type == EVENT_SAY || e->type == EVENT_CUE || e->type == EVENT_EXPECT ||
                      e->type == EVENT_ERROR || e->type == EVENT_END;
    while (turns_page && (run = fold_due(&l->fold)))
        tell_run(l, run);
    if (turns_page)
        draw_queues_due(l, e->t);
    if (turns_page)
        fold_restart(&l->fold);
    enum fold_answer answer = fold_take(&l->fold, e, &run);
    if (answer == FOLD_TELL || answer == FOLD_TELL_AND_SHOW)
        tell_run(l, run);
    return answer == FOLD_SHOW || answer == FOLD_TELL_AND_SHOW;
}

void ladder_event(struct ladder *l, const struct event *e, struct buf *out)
{
    l->page.out = out;
    cast_learn(&l->cast, e);
    note_crew(l, e);
    figures_note(&l->figures, e);
    if (conn_of(e) > 1)
        l->words.name_conns = true;
    if (!fold(l, e))
        return;
    struct page *p = &l->page;
    const struct words *w = &l->words;
    switch (e->type) {
    case EVENT_SCENE:
        tell_title(p, e);
        if (e->as.scene.step)
            tell_step(p, w);
        l->longest_ns = e->as.scene.pace_ns;
        break;
    case EVENT_LINK:
        note_wire(l, e);
        break;
    case EVENT_SAY:
    case EVENT_CUE:
        draw_say(l, e);
        break;
    case EVENT_PRINT:
        prepare(l, e->t);
        tell_print(p, w, e);
        break;
    case EVENT_CALL:
    case EVENT_BLOCKED:
        draw_call(l, e);
        break;
    case EVENT_PROGRAM:
        draw_program(l, e);
        break;
    case EVENT_OUTPUT:
        draw_output(l, e);
        break;
    case EVENT_BUSY:
        draw_busy(l, e);
        break;
    case EVENT_STATE:
        draw_state(l, e);
        break;
    case EVENT_QUEUE:
    case EVENT_TCP:
    case EVENT_COUNT:
        draw_figures(l, e);
        break;
    case EVENT_PACKET:
        draw_packet(l, e);
        break;
    case EVENT_ARRIVE:
        draw_arrive(l, e);
        break;
    case EVENT_RULE:
        prepare(l, e->t);
        tell_rule(p, w, e);
        break;
    case EVENT_EXPECT:
        if (e->as.expect.ok)
            prepare(l, e->t);
        tell_expect(p, w, e);
        break;
    case EVENT_ERROR:
        tell_error(p, w, e);
        break;
    case EVENT_LATE:
        prepare(l, e->t);
        tell_late(p, w, e);
        break;
    case EVENT_END:
        tell_end(p, w, e);
        break;
    default:
        break;
    }
}
