// Implementation of knobs.h.
#include "script/knobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *knobs_setting(struct play *p, const char *name)
{
    for (size_t i = 0; i < p->request->param_count; i++)
        if (strcmp(p->request->params[i].name, name) == 0) {
            p->request->params[i].used = true;
            return p->request->params[i].value;
        }
    return NULL;
}

const struct knob *knobs_declare(struct play *p, const char *name, const char *value,
                                 const char *choices, size_t len)
{
    for (size_t i = 0; i < p->knob_count; i++)
        if (strcmp(p->knobs[i].name, name) == 0)
            return NULL;
    p->knobs = mem_resize(p->knobs, (p->knob_count + 1) * sizeof *p->knobs);
    struct knob *k = &p->knobs[p->knob_count++];
    *k = (struct knob){.name = mem_text(name, strlen(name)),
                       .value = mem_text(value, strlen(value))};
    buf_put(&k->choices, choices, len);
    return k;
}

void knobs_put(const struct play *p, struct event *scene)
{
    for (size_t i = 0; i < p->knob_count; i++)
        event_put_pair(scene, EVENT_MAX, &scene->as.scene.params, p->knobs[i].name,
                       p->knobs[i].value);
}

void knobs_log_one(struct play *p, const struct knob *k, const struct actor *a)
{
    struct event *e = log_begin(&p->stage.log, EVENT_PARAM, a, 0, 0);
    event_put_text(e, EVENT_MAX, &e->as.param.name, k->name, strlen(k->name));
    event_put_text(e, EVENT_MAX, &e->as.param.value, k->value, strlen(k->value));
    for (size_t at = 0; at < k->choices.len; at += strlen(k->choices.ptr + at) + 1)
        event_put_item(e, EVENT_MAX, &e->as.param.choices, k->choices.ptr + at);
    log_commit(&p->stage.log, e);
}

void knobs_log(struct play *p)
{
    for (size_t i = 0; i < p->knob_count; i++)
        knobs_log_one(p, &p->knobs[i], NULL);
}

// The names behind each `param` in the scene's text, with what stands between them; nothing has
// been played yet.
static void put_names_in_text(const struct play_request *r, struct buf *text)
{
    const char *at = r->text, *end = r->text + r->text_len;
    for (size_t before = text->len; (at = memmem(at, (size_t)(end - at), "param", 5));) {
        at += 5;
        while (at < end && strchr(" (\t", *at))
            at++;
        const char *close =
            at < end && strchr("\"'", *at) ? memchr(at + 1, *at, (size_t)(end - at - 1)) : NULL;
        if (close)
            buf_printf(text, "%s%.*s", text->len > before ? ", " : "", (int)(close - at - 1),
                       at + 1);
    }
}

static bool stands_in_text(const struct play_request *r, const char *name)
{
    char quoted[80];
    for (const char *quote = "\"'"; *quote; quote++) {
        int len = snprintf(quoted, sizeof quoted, "%c%.70s%c", *quote, name, *quote);
        if (memmem(r->text, r->text_len, quoted, (size_t)len))
            return true;
    }
    return false;
}

// A knob's name stands as a text in the scene, unless another file declares it: one that does not
// is told before anything is played.
bool knobs_refuse(struct play *p)
{
    const struct play_request *r = p->request;
    if (memmem(r->text, r->text_len, "require", 7))
        return false;
    for (size_t i = 0; i < r->param_count; i++) {
        struct buf text = {0}, names = {0};
        if (stands_in_text(r, r->params[i].name))
            continue;
        put_names_in_text(r, &names);
        buf_printf(&text, "--set %s: the scene has no such param; it has %s", r->params[i].name,
                   names.len ? buf_string(&names) : "none");
        log_error(&p->stage.log, NULL, 0, buf_string(&text), NULL);
        buf_fini(&text);
        buf_fini(&names);
        return true;
    }
    return false;
}

void knobs_check(struct play *p)
{
    for (size_t i = 0; i < p->request->param_count; i++) {
        if (p->request->params[i].used || p->reason == REASON_ERROR)
            continue;
        struct buf text = {0};
        buf_printf(&text, "--set %s: the scene has no such param; it has ",
                   p->request->params[i].name);
        for (size_t k = 0; k < p->knob_count; k++)
            buf_printf(&text, "%s%s", k ? ", " : "", p->knobs[k].name);
        if (!p->knob_count)
            buf_text(&text, "none");
        log_error(&p->stage.log, NULL, 0, buf_string(&text), NULL);
        buf_fini(&text);
    }
}

void knobs_fini(struct play *p)
{
    for (size_t i = 0; i < p->knob_count; i++) {
        free(p->knobs[i].name);
        free(p->knobs[i].value);
        buf_fini(&p->knobs[i].choices);
    }
    free(p->knobs);
}
