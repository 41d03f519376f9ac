// Implementation of wire_rule.h.
#include "stage/wire_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "stage/flap.h"
#include "stage/flight.h"
#include "stage/stage.h"

struct wire_rule *wire_rule_new(struct wire *w, const struct port *from, enum rule_action action,
                                const char *text)
{
    struct wire_rule *r = mem_new(sizeof *r);
    r->rule.action = action;
    r->rule.port = from ? from->number : 0;
    r->wire = w;
    r->text = mem_text(text, strlen(text));
    r->next = w->made;
    w->made = r;
    return r;
}

void wire_rules_free(struct wire *w)
{
    while (w->made) {
        struct wire_rule *gone = w->made;
        w->made = gone->next;
        rule_fini(&gone->rule);
        if (gone->flap)
            timer_stop(&w->stage->timers, &gone->flap->timer);
        free(gone->flap);
        free(gone->text);
        free(gone->data);
        free(gone);
    }
}

// A `rule` event; its id.
static uint64_t log_rule(const struct wire *w, const struct wire_rule *r, const struct port *from,
                         enum rule_action action, const struct actor *by, uint64_t ended)
{
    struct event *e = log_begin(&w->stage->log, EVENT_RULE, by, 0, 0);
    e->as.rule.wire = w->number;
    e->as.rule.action = action;
    e->as.rule.from = from ? from->host->number : 0;
    e->as.rule.ended = ended != 0;
    e->as.rule.rule = ended;
    if (r) {
        e->as.rule.by_ns = r->rule.by_ns;
        e->as.rule.hits = ended ? r->rule.hits : 0;
        event_put_text(e, EVENT_MAX, &e->as.rule.text, r->text, strlen(r->text));
    }
    return log_commit(&w->stage->log, e);
}

const char *wire_rule_why(const struct wire_rule *r)
{
    return r->rule.action == RULE_ON_PACKET ? "on_packet" : r->text;
}

static const struct port *port_of(const struct wire_rule *r)
{
    return r->rule.port ? r->wire->stage->ports[r->rule.port - 1] : NULL;
}

static void tell(struct wire_rule *r)
{
    r->id = log_rule(r->wire, r, port_of(r), r->rule.action, &r->by, 0);
    if (r->flap)
        flap_start(r->flap);
}

void wire_rule_start(struct wire_rule *r, const struct actor *by)
{
    r->by = *by;
    rules_add(&r->wire->rules, &r->rule);
    if (r->wire->told)
        tell(r);
}

// Cuts that were made before the network stood.
static void tell_cuts(struct wire *w)
{
    bool all = w->port_count > 0;
    for (size_t i = 0; i < w->port_count; i++)
        all &= w->ports[i]->cut;
    uint64_t id = all ? log_rule(w, NULL, NULL, RULE_CUT, NULL, 0) : 0;
    for (size_t i = 0; i < w->port_count; i++)
        if (w->ports[i]->cut)
            w->ports[i]->cut_event = all ? id : log_rule(w, NULL, w->ports[i], RULE_CUT, NULL, 0);
}

void wire_rules_tell(struct wire *w)
{
    struct rule *r;
    TAILQ_FOREACH(r, &w->rules.all, link)
    tell((struct wire_rule *)r);
    tell_cuts(w);
}

static void let_go(struct wire_rule *r)
{
    struct flight *next = r->held;
    int64_t now_ns = clock_now();
    r->held = r->last = NULL;
    for (struct flight *f; (f = next);) {
        int64_t due_ns = f->due_ns > now_ns ? f->due_ns : now_ns;
        next = f->next_held;
        if (f->to)
            flight_send(f, f->to, due_ns);
        else
            flight_send_to_all(f, f->from, due_ns);
    }
}

void wire_rule_end(struct wire_rule *r, const struct actor *by)
{
    if (r->rule.over)
        return;
    rules_remove(&r->wire->rules, &r->rule);
    if (r->id)
        log_rule(r->wire, r, port_of(r), r->rule.action, by, r->id);
    let_go(r);
    if (r->flap)
        flap_stop(r->flap);
}

void wire_rule_hold(struct wire_rule *r, struct flight *f, struct port *from, struct port *to,
                    int64_t due_ns)
{
    f->rule = r->id;
    flight_log_fate(f, 0, FATE_HELD, wire_rule_why(r));
    f->from = from;
    f->to = to;
    f->due_ns = due_ns;
    f->next_held = NULL;
    if (r->last)
        r->last->next_held = f;
    else
        r->held = f;
    r->last = f;
}

// Cuts or mends; one event for all, or for the one direction.
static void set_cut(struct wire *w, struct port *from, bool cut, const struct actor *by)
{
    uint64_t id = 0;
    for (size_t i = 0; i < w->port_count; i++) {
        struct port *port = w->ports[i];
        if ((from && port != from) || port->cut == cut)
            continue;
        if (!id && w->told)
            id = log_rule(w, NULL, from, RULE_CUT, by, cut ? 0 : port->cut_event);
        port->cut = cut;
        port->cut_event = cut ? id : 0;
    }
}

void wire_cut(struct wire *w, struct port *from, const struct actor *by)
{
    set_cut(w, from, true, by);
}

void wire_mend(struct wire *w, struct port *from, const struct actor *by)
{
    set_cut(w, from, false, by);
}
