// Implementation of route.h.
#include "stage/route.h"

#include <stdlib.h>

#include "base/mem.h"
#include "kernel/iface.h"
#include "stage/stage.h"

// The way from any host at a wire to the one wire that is looked at.
struct way {
    bool known;
    uint32_t routers;       // that are passed
    const struct port *via; // of the next router; NULL: none is needed, or there is no way
};

// All ways to `to`, by wire (number n at n - 1).
struct ways {
    struct way *of;      // (owned)
    struct wire **queue; // (owned) room for each wire once
};

static void ways_init(struct ways *ways, const struct stage *s)
{
    ways->of = mem_new(s->wire_count * sizeof *ways->of);
    ways->queue = mem_new(s->wire_count * sizeof *ways->queue);
}

static void ways_fini(struct ways *ways)
{
    free(ways->of);
    free(ways->queue);
}

static bool has_family(const struct host *h, int family)
{
    return family == 4 || h->ipv6;
}

static const struct addr *address_of(const struct port *port, int family)
{
    return family == 4 ? &port->end.address : &port->end.address6;
}

// Breadth first, from the wire outwards, over all routers.
static void explore(struct ways *ways, const struct stage *s, struct wire *to, int family)
{
    size_t head = 0, tail = 0;
    for (uint32_t i = 0; i < s->wire_count; i++)
        ways->of[i] = (struct way){0};
    ways->of[to->number - 1].known = true;
    ways->queue[tail++] = to;
    while (head < tail) {
        const struct wire *w = ways->queue[head++];
        for (size_t i = 0; i < w->port_count; i++) {
            if (!w->ports[i]->host->router || !has_family(w->ports[i]->host, family))
                continue;
            for (const struct port *p = w->ports[i]->host->ports; p; p = p->next) {
                struct way *way = &ways->of[p->wire->number - 1];
                if (way->known)
                    continue;
                *way = (struct way){true, ways->of[w->number - 1].routers + 1, p};
                ways->queue[tail++] = p->wire;
            }
        }
    }
}

// The port by which the host is nearest to the wire that was explored; NULL: no way.
static const struct port *nearest(const struct ways *ways, const struct host *h)
{
    const struct port *best = NULL;
    for (const struct port *p = h->ports; p; p = p->next) {
        const struct way *way = &ways->of[p->wire->number - 1];
        if (way->known && (!best || way->routers < ways->of[best->wire->number - 1].routers))
            best = p;
    }
    return best;
}

static int add_route(const struct port *port, const struct addr *network, uint8_t prefix,
                     const struct port *via, struct err *err)
{
    const struct iface_path path = {.network = *network,
                                    .prefix = prefix,
                                    .via = *address_of(via, network->family),
                                    .source = *address_of(port, network->family)};
    if (host_enter(port->host, err) != 0)
        return -1;
    return iface_route(port->end.name, &path, err);
}

// The router of the default route, and the host's port towards it; NULL: none.
static const struct port *default_router(const struct host *h, int family, const struct port **port)
{
    for (const struct port *mine = h->ports; mine && !h->router; mine = mine->next)
        for (size_t i = 0; i < mine->wire->port_count; i++) {
            const struct host *other = mine->wire->ports[i]->host;
            if (other->router && has_family(other, family)) {
                *port = mine;
                return mine->wire->ports[i];
            }
        }
    return NULL;
}

// The host's routes to a wire that it is not at: to its network, and to those of its hosts whose
// addresses the scene has chosen elsewhere.
static int add_routes_to(const struct wire *w, const struct ways *ways, const struct host *h,
                         int family, struct err *err)
{
    const struct port *port = nearest(ways, h), *ignored;
    const struct port *via = port ? ways->of[port->wire->number - 1].via : NULL;
    if (!via || via == default_router(h, family, &ignored))
        return 0;
    struct addr network = family == 4 ? wire_network(w) : wire_network6(w);
    if (add_route(port, &network, family == 4 ? WIRE_PREFIX : WIRE_PREFIX6, via, err) != 0)
        return -1;
    for (size_t i = 0; family == 4 && i < w->port_count; i++)
        if (!wire_has_network(w, &w->ports[i]->end.address) &&
            add_route(port, &w->ports[i]->end.address, 32, via, err) != 0)
            return -1;
    return 0;
}

static int add_default(const struct host *h, int family, struct err *err)
{
    const struct addr all = {.family = (uint8_t)family};
    const struct port *port, *via = default_router(h, family, &port);
    return via ? add_route(port, &all, 0, via, err) : 0;
}

static int make_routes(struct stage *s, int family, struct ways *ways, struct err *err)
{
    for (uint32_t i = 0; i < s->host_count; i++)
        if (has_family(s->hosts[i], family) && add_default(s->hosts[i], family, err) != 0)
            return -1;
    for (uint32_t i = 0; i < s->wire_count; i++) {
        if (s->wires[i]->lo)
            continue;
        explore(ways, s, s->wires[i], family);
        for (uint32_t j = 0; j < s->host_count; j++)
            if (has_family(s->hosts[j], family) &&
                add_routes_to(s->wires[i], ways, s->hosts[j], family, err) != 0)
                return -1;
    }
    return 0;
}

int routes_make(struct stage *s, struct err *err)
{
    bool any = false, any6 = false;
    for (uint32_t i = 0; i < s->host_count; i++) {
        any |= s->hosts[i]->router;
        any6 |= s->hosts[i]->router && s->hosts[i]->ipv6;
    }
    if (!any)
        return 0;
    struct ways ways;
    ways_init(&ways, s);
    int failed = make_routes(s, 4, &ways, err);
    if (!failed && any6)
        failed = make_routes(s, 6, &ways, err);
    ways_fini(&ways);
    return failed;
}

const struct port *route_nearest(const struct host *from, const struct host *to)
{
    const struct port *best = to->ports;
    uint32_t fewest = UINT32_MAX;
    struct ways ways;
    for (const struct port *its = to->ports; its; its = its->next)
        for (const struct port *mine = from->ports; mine; mine = mine->next)
            if (mine->wire == its->wire)
                return its;
    if (!to->ports || !to->ports->next)
        return best;
    ways_init(&ways, from->stage);
    for (const struct port *its = to->ports; its; its = its->next) {
        explore(&ways, from->stage, its->wire, 4);
        const struct port *mine = nearest(&ways, from);
        uint32_t routers = mine ? ways.of[mine->wire->number - 1].routers : UINT32_MAX;
        if (routers < fewest) {
            fewest = routers;
            best = its;
        }
    }
    ways_fini(&ways);
    return best;
}
