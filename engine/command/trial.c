// Implementation of trial.h.
#include "command/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/width.h"
#include "command/performance.h"
#include "command/scene.h"
#include "script/source.h"

#define EXPECTS_MAX 1024
#define KNOBS_MAX 16
#define PLAYS_MAX 64 // more combinations of choices than anybody will show

// What is tried.
struct trial {
    struct scene scene;
    const struct trial_options *options;
};

// The params of a scene that have choices, as its first play told.
struct knobs {
    struct knob all[KNOBS_MAX];
    size_t count;
};

struct watcher {
    struct verdict *verdict;
    struct knobs *knobs;         // filled in; NULL: known already
    uint32_t lines[EXPECTS_MAX]; // of expect calls; 0: reached
    size_t count;
    bool loopback;
    bool refused; // a real program
};

// Only the first reason counts.
static void put_why(struct verdict *v, uint32_t line, const char *text, size_t len)
{
    if (v->why[0])
        return;
    size_t room = sizeof v->why;
    int n = line ? snprintf(v->why, room, "line %u: ", line) : 0;
    if (len > room - 1 - (size_t)n)
        len = width_cut(text, room - 1 - (size_t)n, SIZE_MAX, NULL);
    memcpy(v->why + n, text, len);
    v->why[(size_t)n + len] = '\0';
}

static char *text_of(const struct event *e, struct span span)
{
    return mem_text(event_bytes(e, span), span.len);
}

static void note_knob(struct knobs *knobs, const struct event *e)
{
    struct span choices = e->as.param.choices;
    if (choices.len == 0 || knobs->count == KNOBS_MAX)
        return;
    struct knob *k = &knobs->all[knobs->count++];
    *k =
        (struct knob){.name = text_of(e, e->as.param.name), .value = text_of(e, e->as.param.value)};
    buf_put(&k->choices, event_bytes(e, choices), choices.len);
}

static void knobs_free(struct knobs *knobs)
{
    for (size_t i = 0; i < knobs->count; i++) {
        free(knobs->all[i].name);
        free(knobs->all[i].value);
        buf_fini(&knobs->all[i].choices);
    }
}

static size_t choice_count(const struct knob *k)
{
    size_t count = 0;
    for (size_t at = 0; at < k->choices.len; at += strlen(k->choices.ptr + at) + 1)
        count++;
    return count;
}

// Its n-th choice, from 0.
static const char *choice(const struct knob *k, size_t n)
{
    const char *at = k->choices.ptr;
    while (n-- > 0)
        at += strlen(at) + 1;
    return at;
}

static void see(void *arg, const struct event *e)
{
    struct watcher *w = arg;
    if (e->type == EVENT_SCENE) {
        w->loopback = e->as.scene.loopback;
    } else if (e->type == EVENT_PARAM) {
        if (w->knobs)
            note_knob(w->knobs, e);
    } else if (e->type == EVENT_LATE) {
        w->verdict->late++;
    } else if (e->type == EVENT_ERROR) {
        put_why(w->verdict, 0, event_bytes(e, e->as.error.message), e->as.error.message.len);
    } else if (e->type == EVENT_EXPECT) {
        w->verdict->checks++;
        for (size_t i = 0; i < w->count && e->source == 0; i++)
            if (w->lines[i] == e->line)
                w->lines[i] = 0;
        if (!e->as.expect.ok)
            put_why(w->verdict, e->line, event_bytes(e, e->as.expect.text), e->as.expect.text.len);
    }
}

static void judge(struct watcher *w)
{
    struct verdict *v = w->verdict;
    static const char unreached[] = "this expect was never reached";
    v->passed = v->status == STATUS_OK;
    for (size_t i = 0; v->passed && i < w->count; i++)
        if (w->lines[i]) {
            v->passed = false;
            put_why(v, w->lines[i], unreached, strlen(unreached));
        }
    if (v->passed && v->checks == 0) {
        v->passed = false;
        put_why(v, 0, "it has no expect: nothing tells whether it works", 48);
    }
    v->no_wire = w->loopback; // which its checks may need
    v->skipped = !v->passed && (w->loopback || w->refused);
}

static void play_once(const struct trial *t, struct knobs *knobs, struct play_param *params,
                      size_t param_count, struct verdict *v)
{
    struct watcher w = {.verdict = v, .knobs = knobs};
    *v = (struct verdict){0};
    w.count = source_calls(t->scene.text, t->scene.len, "expect", w.lines, EXPECTS_MAX);
    struct play_request request = {.name = t->scene.name,
                                   .text = t->scene.text,
                                   .text_len = t->scene.len,
                                   .params = params,
                                   .param_count = param_count,
                                   .cue_ns = t->options->cue_ns,
                                   .seed = 1,
                                   .snap = 96};
    struct performance p = {.request = &request,
                            .folder = t->scene.folder,
                            .allowance = *t->options->allowance,
                            .see = see,
                            .see_arg = &w,
                            .quiet = true};
    v->status = performance_run(&p);
    if (v->status == STATUS_MACHINE && !v->why[0])
        put_why(v, 0, p.trouble.text, strlen(p.trouble.text));
    w.refused = p.refusal.text[0];
    judge(&w);
}

// A scene that fails while the machine was too busy gets a second chance, and that is told.
static void play(const struct trial *t, struct knobs *knobs, struct play_param *params,
                 size_t param_count, struct verdict *v)
{
    play_once(t, knobs, params, param_count, v);
    if (v->passed || v->skipped || !v->late || v->status != STATUS_FAILED)
        return;
    play_once(t, NULL, params, param_count, v);
    v->again = true;
}

static uint32_t combinations(const struct knobs *knobs)
{
    size_t product = 1;
    for (size_t i = 0; i < knobs->count && product <= PLAYS_MAX; i++)
        product *= choice_count(&knobs->all[i]);
    return (uint32_t)product;
}

// The next combination of choices, as an odometer counts. False: that was the last.
static bool turn(const struct knobs *knobs, size_t at[KNOBS_MAX])
{
    for (size_t i = 0; i < knobs->count; i++) {
        if (++at[i] < choice_count(&knobs->all[i]))
            return true;
        at[i] = 0;
    }
    return false;
}

// What the turned knobs stand at. False: each at its default, which has been played.
static bool put_params(const struct knobs *knobs, const size_t at[KNOBS_MAX],
                       struct play_param params[KNOBS_MAX])
{
    bool other = false;
    for (size_t i = 0; i < knobs->count; i++) {
        const struct knob *k = &knobs->all[i];
        params[i] = (struct play_param){.name = k->name, .value = choice(k, at[i])};
        other |= strcmp(params[i].value, k->value) != 0;
    }
    return other;
}

// Adds what came of one more play, which says with which values if it failed.
static void add(struct verdict *v, const struct verdict *more, const struct play_param *params,
                size_t count)
{
    struct buf why = {0};
    v->plays++;
    v->checks += more->checks;
    v->late += more->late;
    v->again |= more->again;
    if (more->passed)
        return;
    v->passed = false;
    v->skipped = more->skipped;
    v->no_wire = more->no_wire;
    v->status = more->status;
    for (size_t i = 0; i < count; i++)
        buf_printf(&why, "%s=%s ", params[i].name, params[i].value);
    buf_printf(&why, "%s%s", count ? "\u2192 " : "", more->why);
    put_why(v, 0, why.ptr, why.len);
    buf_fini(&why);
}

static void play_choices(const struct trial *t, const struct knobs *knobs, struct verdict *v)
{
    size_t at[KNOBS_MAX] = {0};
    struct play_param params[KNOBS_MAX];
    do {
        struct verdict more;
        if (!put_params(knobs, at, params))
            continue;
        play(t, NULL, params, knobs->count, &more);
        add(v, &more, params, knobs->count);
    } while (v->passed && v->plays < PLAYS_MAX && turn(knobs, at));
}

void trial_run(const char *path, const struct trial_options *options, struct verdict *v)
{
    struct trial t = {.options = options};
    struct knobs knobs = {.count = 0};
    struct err err;
    int64_t began = clock_now();
    if (scene_read(&t.scene, path, &err) != 0) {
        *v = (struct verdict){.status = STATUS_WRONG, .plays = 1, .combinations = 1};
        put_why(v, 0, err.text, strlen(err.text));
    } else {
        play(&t, &knobs, NULL, 0, v);
        v->plays = 1;
        v->combinations = combinations(&knobs);
        if (options->choices && v->passed && knobs.count)
            play_choices(&t, &knobs, v);
    }
    v->seconds = (double)(clock_now() - began) / 1e9;
    knobs_free(&knobs);
    scene_free(&t.scene);
}
