// Implementation of rules.h.
#include "packet/rules.h"

#include <stdlib.h>

void rules_init(struct rules *rules)
{
    *rules = (struct rules){0};
    TAILQ_INIT(&rules->all);
}

bool rules_none(const struct rules *rules)
{
    return TAILQ_EMPTY(&rules->all);
}

void rule_fini(struct rule *r)
{
    free(r->nth);
    r->nth = NULL;
}

static void sweep(struct rules *rules)
{
    for (struct rule *r = TAILQ_FIRST(&rules->all), *next; r; r = next) {
        next = TAILQ_NEXT(r, link);
        if (r->over)
            TAILQ_REMOVE(&rules->all, r, link);
    }
}

void rules_add(struct rules *rules, struct rule *r)
{
    TAILQ_INSERT_TAIL(&rules->all, r, link);
}

void rules_remove(struct rules *rules, struct rule *r)
{
    if (r->over)
        return;
    r->over = true;
    if (!rules->judging)
        sweep(rules);
}

// It has acted as often as it may.
static bool is_spent(const struct rule *r)
{
    return (r->count && r->hits == r->count) || (r->nth_count && r->hits == r->nth_count);
}

static bool is_nth(const struct rule *r)
{
    for (size_t i = 0; i < r->nth_count; i++)
        if (r->nth[i] == r->seen)
            return true;
    return r->nth_count == 0;
}

static bool acts(struct rules *rules, struct rule *r, const struct rule_packet *p,
                 struct rule_act *act)
{
    if (r->over || r->action == RULE_FLAP || is_spent(r) || (r->port && r->port != p->port) ||
        !filter_match(&r->filter, p->row, p->payload) ||
        (r->asks && !rules->ask(rules->ask_arg, r, p, act)) || r->over)
        return false;
    r->seen++;
    bool is_meant = is_nth(r);
    r->hits += is_meant;
    return is_meant;
}

// Where the verdict has what this action is about.
static struct rule **place(struct rule_verdict *v, enum rule_action action)
{
    switch (action) {
    case RULE_DROP:
        return &v->drop;
    case RULE_HOLD:
        return &v->hold;
    case RULE_DUPLICATE:
        return &v->duplicate;
    case RULE_CORRUPT:
        return &v->corrupt;
    default:
        return &v->delay;
    }
}

static void take(struct rule *r, const struct rule_act *act, struct rule_verdict *v)
{
    struct rule **first = place(v, act->action);
    if (!*first)
        *first = r;
    if (act->action == RULE_DELAY)
        v->delay_ns += act->by_ns;
}

void rules_judge(struct rules *rules, const struct rule_packet *p, struct rule_verdict *v)
{
    *v = (struct rule_verdict){0};
    struct rule *last = TAILQ_LAST(&rules->all, rules_list), *r = TAILQ_FIRST(&rules->all);
    rules->judging++;
    for (; r; r = r == last ? NULL : TAILQ_NEXT(r, link)) { // those made meanwhile do not see it
        struct rule_act act = {r->action, r->by_ns};
        if (acts(rules, r, p, &act))
            take(r, &act, v);
    }
    if (--rules->judging == 0)
        sweep(rules);
}
