// Implementation of cast.h.
#include "event/cast.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "event/addr.h"

// Things of one sort as the index sees them: an array of structs whose first member is the name.
struct things {
    const void *array;
    size_t stride;
};

#define THINGS(array) ((struct things){array, sizeof *(array)})

static const char *name_of(struct things t, uint32_t number)
{
    return *(char *const *)((const char *)t.array + (number - 1) * t.stride);
}

// The slot of the name, or the empty one where it belongs. Source of the hash: FNV-1a.
static uint32_t *slot(const struct cast_index *index, struct things t, const char *name)
{
    uint32_t hash = 2166136261u;
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    size_t i = hash & (index->cap - 1);
    while (index->slots[i] && strcmp(name_of(t, index->slots[i]), name) != 0)
        i = (i + 1) & (index->cap - 1);
    return &index->slots[i];
}

// The last of `count` things is new. Of several with one name the newest is found.
static void index_grow(struct cast_index *index, struct things t, uint32_t count)
{
    if (count * 2 <= index->cap) {
        *slot(index, t, name_of(t, count)) = count;
        return;
    }
    free(index->slots);
    index->cap = index->cap ? index->cap * 2 : 16;
    index->slots = mem_new(index->cap * sizeof *index->slots);
    for (uint32_t n = 1; n <= count; n++)
        *slot(index, t, name_of(t, n)) = n;
}

static uint32_t index_find(const struct cast_index *index, struct things t, const char *name)
{
    return index->cap ? *slot(index, t, name) : 0;
}

// Room for one more behind `count`: doubles whenever the count is a power of two. Returns the
// array.
static void *grow(void *array, size_t count, size_t size)
{
    if (count & (count - 1))
        return array;
    return mem_resize(array, (count ? count * 2 : 1) * size);
}

void cast_init(struct cast *c)
{
    *c = (struct cast){0};
}

void cast_fini(struct cast *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->host_count; i++)
        free(c->hosts[i].name);
    for (size_t i = 0; i < c->wire_count; i++) {
        free(c->wires[i].name);
        free(c->wires[i].ends);
        free(c->wires[i].options);
    }
    for (size_t i = 0; i < c->actor_count; i++)
        free(c->actors[i].name);
    free(c->hosts);
    free(c->wires);
    free(c->actors);
    free(c->host_index.slots);
    free(c->wire_index.slots);
    free(c->actor_index.slots);
    cast_init(c);
}

static char *copy(const struct event *e, struct span name)
{
    return mem_text(event_bytes(e, name), name.len);
}

static void learn_host(struct cast *c, const struct event *e)
{
    if (e->host != c->host_count + 1)
        return;
    c->hosts = grow(c->hosts, c->host_count, sizeof *c->hosts);
    c->hosts[c->host_count++] = (struct cast_host){copy(e, e->as.host.name)};
    index_grow(&c->host_index, THINGS(c->hosts), e->host);
}

char *cast_options(const struct event *link)
{
    struct buf text = {0};
    const char *name, *value;
    for (size_t at = 0; event_pair(link, link->as.link.options, &at, &name, &value);)
        buf_printf(&text, "%s%s %s", text.len ? ", " : "", name, value);
    char *options = text.len ? mem_text(text.ptr, text.len) : NULL;
    buf_fini(&text);
    return options;
}

static void learn_wire(struct cast *c, const struct event *e)
{
    uint32_t wire = e->as.link.wire;
    if (wire == 0 || wire > c->wire_count + 1)
        return;
    if (wire > c->wire_count) {
        c->wires = grow(c->wires, c->wire_count, sizeof *c->wires);
        c->wires[c->wire_count++] = (struct cast_wire){.name = copy(e, e->as.link.name)};
        index_grow(&c->wire_index, THINGS(c->wires), wire);
    }
    struct cast_wire *w = &c->wires[wire - 1];
    struct span ends = e->as.link.ends;
    w->end_count = ends.len / sizeof *w->ends;
    w->ends = mem_resize(w->ends, ends.len);
    if (ends.len)
        memcpy(w->ends, event_bytes(e, ends), ends.len);
    if (!e->as.link.from) {
        w->delay_ns = e->as.link.delay_ns;
        free(w->options);
        w->options = cast_options(e);
    }
    w->mtu = e->as.link.mtu;
    w->loopback = e->as.link.loopback;
    w->shared = e->as.link.shared;
}

static void learn_actor(struct cast *c, const struct event *e)
{
    if (e->actor != c->actor_count + 1)
        return;
    c->actors = grow(c->actors, c->actor_count, sizeof *c->actors);
    c->actors[c->actor_count++] =
        (struct cast_actor){copy(e, e->as.actor.name), e->host, e->as.actor.role};
    index_grow(&c->actor_index, THINGS(c->actors), e->actor);
}

void cast_learn(struct cast *c, const struct event *e)
{
    if (e->type == EVENT_HOST)
        learn_host(c, e);
    else if (e->type == EVENT_LINK)
        learn_wire(c, e);
    else if (e->type == EVENT_ACTOR)
        learn_actor(c, e);
}

const char *cast_host(const struct cast *c, uint32_t host)
{
    return host && host <= c->host_count ? c->hosts[host - 1].name : "";
}

const char *cast_wire(const struct cast *c, uint32_t wire)
{
    return wire && wire <= c->wire_count ? c->wires[wire - 1].name : "";
}

const char *cast_actor(const struct cast *c, uint32_t actor)
{
    return actor && actor <= c->actor_count ? c->actors[actor - 1].name : "";
}

uint32_t cast_find_host(const struct cast *c, const char *name)
{
    return index_find(&c->host_index, THINGS(c->hosts), name);
}

uint32_t cast_find_wire(const struct cast *c, const char *name)
{
    return index_find(&c->wire_index, THINGS(c->wires), name);
}

uint32_t cast_find_actor(const struct cast *c, const char *name)
{
    return index_find(&c->actor_index, THINGS(c->actors), name);
}

uint32_t cast_host_of(const struct cast *c, const struct addr *address)
{
    if (address->family == 0)
        return 0;
    for (size_t i = 0; i < c->wire_count; i++)
        for (size_t k = 0; k < c->wires[i].end_count && !c->wires[i].loopback; k++)
            if (addr_equal(&c->wires[i].ends[k].address, address, false) ||
                addr_equal(&c->wires[i].ends[k].address6, address, false))
                return c->wires[i].ends[k].host;
    return 0;
}
