// Implementation of flap.h.
#include "stage/flap.h"

#include "base/clock.h"
#include "base/mem.h"
#include "stage/stage.h"

static struct port *port_of(const struct flap *f)
{
    uint32_t number = f->rule->rule.port;
    return number ? f->rule->wire->stage->ports[number - 1] : NULL;
}

static void set_down(struct flap *f, bool is_down)
{
    f->is_down = is_down;
    if (is_down)
        wire_cut(f->rule->wire, port_of(f), NULL);
    else
        wire_mend(f->rule->wire, port_of(f), NULL);
}

static void turn(struct timer *t)
{
    struct flap *f = (struct flap *)t;
    f->rule->rule.hits += !f->is_down;
    set_down(f, !f->is_down);
    timer_set_scene(&f->rule->wire->stage->timers, t,
                    t->entry.due_ns + (f->is_down ? f->down_ns : f->up_ns));
}

void flap_attach(struct wire_rule *r, int64_t up_ns, int64_t down_ns)
{
    struct flap *f = mem_new(sizeof *f);
    f->rule = r;
    f->up_ns = up_ns;
    f->down_ns = down_ns;
    f->timer.fire = turn;
    r->flap = f;
}

void flap_start(struct flap *f)
{
    struct timers *timers = &f->rule->wire->stage->timers;
    timer_set_scene(timers, &f->timer, timers_scene_now(timers) + f->up_ns);
}

void flap_stop(struct flap *f)
{
    timer_stop(&f->rule->wire->stage->timers, &f->timer);
    if (f->is_down)
        set_down(f, false);
}
