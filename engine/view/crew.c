// Implementation of crew.h.
#include "view/crew.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void crew_fini(struct crew *c)
{
    free(c->members);
    free(c->waits);
    *c = (struct crew){0};
}

static void add(struct crew *c, uint32_t host, uint32_t actor)
{
    if (c->count == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 8;
        c->members = mem_resize(c->members, c->cap * sizeof *c->members);
    }
    c->members[c->count++] = (struct crew_member){host, actor};
}

void crew_acts(struct crew *c, uint32_t host, uint32_t actor, bool waits)
{
    if (!host || !actor)
        return;
    if (actor >= c->actor_count) {
        size_t count = (size_t)actor * 2;
        c->waits = mem_resize(c->waits, count * sizeof *c->waits);
        memset(c->waits + c->actor_count, 0, (count - c->actor_count) * sizeof *c->waits);
        c->actor_count = count;
    }
    c->waits[actor] = waits;
    for (size_t i = 0; i < c->count; i++)
        if (c->members[i].host == host && c->members[i].actor == actor)
            return;
    add(c, host, actor);
}

void crew_program(struct crew *c, uint32_t host, bool ended)
{
    if (!ended) {
        add(c, host, 0);
        return;
    }
    for (size_t i = 0; i < c->count; i++)
        if (c->members[i].host == host && c->members[i].actor == 0) {
            c->members[i] = c->members[--c->count];
            return;
        }
}

void crew_ended(struct crew *c, uint32_t actor)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->members[i].actor != actor)
            c->members[kept++] = c->members[i];
    c->count = kept;
}

bool crew_asleep(const struct crew *c, uint32_t host)
{
    bool any = false;
    for (size_t i = 0; i < c->count; i++) {
        if (c->members[i].host != host)
            continue;
        if (!c->members[i].actor || !c->waits[c->members[i].actor])
            return false;
        any = true;
    }
    return any;
}
