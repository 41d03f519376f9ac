// Implementation of ladder.h: what each event looks like.
#include "view/ladder_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "view/stage.h"
#include "view/tell.h"

#define HEAD_AFTER 50                // rows since the names of the hosts were seen last
#define OUTPUT_ROWS 2                // for a line of it in a lane
#define PAUSE_MIN_NS (25 * CLOCK_MS) // a delayed ACK, for one, takes 40

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
    buf_fini(&l->hidden);
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

void ladder_prepare(struct ladder *l, int64_t t)
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
    ladder_prepare(l, e->t);
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
    ladder_prepare(l, t);
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
    ladder_prepare(l, e->t);
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
    ladder_prepare(l, e->t);
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
        ladder_prepare(l, e->t);
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
        ladder_tell_run(l, run);
    if (turns_page)
        draw_queues_due(l, e->t);
    if (turns_page)
        fold_restart(&l->fold);
    enum fold_answer answer = fold_take(&l->fold, e, &run);
    if (answer == FOLD_TELL || answer == FOLD_TELL_AND_SHOW)
        ladder_tell_run(l, run);
    bool shows = answer == FOLD_SHOW || answer == FOLD_TELL_AND_SHOW;
    if (!shows && e->type == EVENT_PACKET) {
        buf_reset(&l->hidden);
        buf_put(&l->hidden, e, e->len);
    }
    return shows;
}

static void draw_scene(struct ladder *l, const struct event *e)
{
    tell_title(&l->page, e);
    if (e->as.scene.step)
        tell_step(&l->page, &l->words);
    l->longest_ns = e->as.scene.pace_ns;
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
        draw_scene(l, e);
        break;
    case EVENT_LINK:
        note_wire(l, e);
        break;
    case EVENT_SAY:
    case EVENT_CUE:
        draw_say(l, e);
        break;
    case EVENT_PRINT:
        ladder_prepare(l, e->t);
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
        ladder_draw_packet(l, e);
        break;
    case EVENT_ARRIVE:
        ladder_draw_arrive(l, e);
        break;
    case EVENT_RULE:
        ladder_prepare(l, e->t);
        tell_rule(p, w, e);
        break;
    case EVENT_EXPECT:
        if (e->as.expect.ok)
            ladder_prepare(l, e->t);
        tell_expect(p, w, e);
        break;
    case EVENT_ERROR:
        tell_error(p, w, e);
        break;
    case EVENT_LATE:
        ladder_prepare(l, e->t);
        tell_late(p, w, e);
        break;
    case EVENT_END:
        tell_end(p, w, e);
        break;
    default:
        break;
    }
}
