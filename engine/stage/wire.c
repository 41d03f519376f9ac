// Implementation of wire.h.
#include "stage/wire.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "kernel/iface.h"
#include "kernel/tap.h"
#include "packet/direction_options.h"
#include "stage/entry.h"
#include "stage/lo.h"
#include "stage/stage.h"
#include "stage/station.h"
#include "stage/wire_rule.h"

#define IPV6_MTU_LEAST 1280 // RFC 8200, 5
#define FRAMES_PER_WAKE 64  // of one TAP, before others have their turn

struct wire *wire_new(struct stage *s, uint32_t number, const char *name)
{
    struct wire *w = mem_new(sizeof *w);
    w->stage = s;
    w->number = number;
    w->name = mem_text(name, strlen(name));
    w->track = track_new();
    rules_init(&w->rules);
    return w;
}

void wire_free(struct wire *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->port_count; i++) {
        struct port *port = w->ports[i];
        if (port->watcher)
            ev_io_stop(w->stage->loop, port->watcher);
        free(port->watcher);
        if (port->tap >= 0)
            close(port->tap);
        direction_fini(&port->direction);
        free(port);
    }
    flights_free(w);
    wire_rules_free(w);
    stations_free(w);
    lo_free(w->lo);
    track_free(w->track);
    free(w->ports);
    free(w->name);
    free(w);
}

static uint32_t interface_count(const struct host *h)
{
    uint32_t count = 0;
    for (const struct port *p = h->ports; p; p = p->next)
        count++;
    return count;
}

static struct port *new_port(struct wire *w, struct host *h)
{
    struct port *port = mem_new(sizeof *port);
    port->host = h;
    port->wire = w;
    port->tap = -1;
    port->end.host = h->number;
    w->ports = mem_resize(w->ports, (w->port_count + 1) * sizeof *w->ports);
    w->ports[w->port_count++] = port;
    return port;
}

void wire_join_lo(struct wire *w, struct host *h)
{
    struct port *port = new_port(w, h);
    snprintf(port->end.name, sizeof port->end.name, "lo");
    port->end.address = (struct addr){.family = 4, .bytes = {127, 0, 0, 1}};
    port->end.prefix = 8;
}

void wire_join(struct wire *w, struct host *h)
{
    struct stage *s = w->stage;
    struct port *port = new_port(w, h), **last = &h->ports;
    port->number = ++s->port_count;
    snprintf(port->end.name, sizeof port->end.name, "eth%u", interface_count(h) % 10000);
    uint8_t mac[6] = {2, 0, 0, 0, (uint8_t)(port->number >> 8), (uint8_t)port->number};
    memcpy(port->end.mac, mac, 6);
    direction_init(&port->direction, s->seed, w->number, (uint32_t)w->port_count);
    while (*last)
        last = &(*last)->next;
    *last = port;
    s->ports = mem_resize(s->ports, s->port_count * sizeof *s->ports);
    s->ports[s->port_count - 1] = port;
}

static void tap_readable(struct ev_loop *loop, struct ev_io *io, int revents)
{
    (void)loop, (void)revents;
    struct port *port = io->data;
    wire_drain(port->host, NULL);
}

static void put_number(const struct host *h, uint8_t at[2])
{
    at[0] = (uint8_t)(h->number >> 8);
    at[1] = (uint8_t)h->number;
}

static int give_address6(struct port *port, struct err *err)
{
    struct host *h = port->host;
    struct wire *w = port->wire;
    if (w->mtu < IPV6_MTU_LEAST) {
        w->stage->wrong = true;
        return err_set(err, "IPv6 needs an MTU of at least %d bytes; the wire %s has %u",
                       IPV6_MTU_LEAST, w->name, w->mtu);
    }
    port->end.address6 = wire_network6(w);
    put_number(h, port->end.address6.bytes + 14);
    port->end.prefix6 = WIRE_PREFIX6;
    if (h->ports == port)
        h->address6 = port->end.address6;
    HASH_ADD(hh6, w->stage->by_address6, end.address6, sizeof port->end.address6, port);
    return 0;
}

// The addresses of the interface; no other has them.
static int give_addresses(struct port *port, struct err *err)
{
    struct host *h = port->host;
    struct wire *w = port->wire;
    bool first = h->ports == port;
    port->end.address = wire_network(w);
    put_number(h, port->end.address.bytes + 2);
    if (first && h->wanted.family)
        port->end.address = h->wanted;
    port->end.prefix = WIRE_PREFIX;
    if (first)
        h->address = port->end.address;
    struct port *other = stage_port_of(w->stage, &port->end.address);
    if (other)
        return err_set(err, "hosts %s and %s cannot have the same address", other->host->name,
                       h->name);
    HASH_ADD(hh, w->stage->by_address, end.address, sizeof port->end.address, port);
    return h->ipv6 ? give_address6(port, err) : 0;
}

static int make_port(struct wire *w, struct port *port, struct err *err)
{
    struct host *h = port->host;
    if (give_addresses(port, err) != 0 || host_enter(h, err) != 0 ||
        (port->tap = tap_open(port->end.name, err)) < 0)
        return -1;
    struct iface_setup setup = {.name = port->end.name,
                                .mtu = w->mtu,
                                .address = port->end.address,
                                .prefix = port->end.prefix,
                                .address6 = port->end.address6,
                                .prefix6 = port->end.prefix6};
    memcpy(setup.mac, port->end.mac, sizeof setup.mac);
    if (iface_up(&setup, err) != 0)
        return -1;
    port->watcher = mem_new(sizeof *port->watcher);
    ev_io_init(port->watcher, tap_readable, port->tap, EV_READ);
    port->watcher->data = port;
    ev_io_start(w->stage->loop, port->watcher);
    return 0;
}

void wire_lay_on_loopback(struct wire *w, const uint8_t net[2])
{
    w->mtu = 65536;
    for (size_t i = 0; i < w->port_count; i++) {
        struct port *port = w->ports[i];
        struct host *h = port->host;
        port->direction.settings = (struct direction_settings){0};
        bool first = h->ports == port; // one address a host, whatever it is linked to
        struct addr address = {.family = 4, .bytes = {127, net[0], net[1], (uint8_t)h->number}};
        port->end = (struct interface_end){
            .host = h->number, .name = "lo", .prefix = 8, .address = address};
        h->address = address;
        if (first)
            HASH_ADD(hh, w->stage->by_address, end.address, sizeof port->end.address, port);
    }
}

struct addr wire_network6(const struct wire *w)
{
    return (struct addr){.family = 6, .bytes = {[0] = 0xfd, [7] = w->network}};
}

struct addr wire_network(const struct wire *w)
{
    return (struct addr){.family = 4, .bytes = {10, w->network}};
}

bool wire_has_network(const struct wire *w, const struct addr *address)
{
    return address->family == 4 && address->bytes[0] == 10 && address->bytes[1] == w->network;
}

static bool same_network(const struct interface_end *a, const struct interface_end *b)
{
    return memcmp(a->address.bytes, b->address.bytes, WIRE_PREFIX / 8) == 0;
}

// Addresses that the scene chose may lie in another network than those of the neighbours.
static int add_strange_routes(struct wire *w, struct port *port, struct err *err)
{
    for (size_t i = 0; i < w->port_count; i++) {
        const struct interface_end *other = &w->ports[i]->end;
        const struct iface_path path = {
            .network = other->address, .prefix = 32, .source = port->end.address};
        if (!same_network(&port->end, other) &&
            (host_enter(port->host, err) != 0 || iface_route(port->end.name, &path, err) != 0))
            return -1;
    }
    return 0;
}

int wire_make(struct wire *w, struct err *err)
{
    if (w->lo)
        return lo_make(w, err);
    bool strange = false;
    for (size_t i = 0; i < w->port_count; i++) {
        if (make_port(w, w->ports[i], err) != 0)
            return -1;
        strange |= !same_network(&w->ports[i]->end, &w->ports[0]->end);
    }
    for (size_t i = 0; strange && i < w->port_count; i++)
        if (add_strange_routes(w, w->ports[i], err) != 0)
            return -1;
    return 0;
}

// A `link` event: as it is now; `from` NULL: for all directions.
static void log_link(const struct wire *w, const struct port *from, const struct actor *by)
{
    struct event *e = log_begin(&w->stage->log, EVENT_LINK, by, 0, 0);
    const struct direction_settings *s = &(from ? from : w->ports[0])->direction.settings;
    char text[DIRECTION_OPTION_TEXT];
    struct interface_end *ends = mem_new(w->port_count * sizeof *ends);
    for (size_t i = 0; i < w->port_count; i++)
        ends[i] = w->ports[i]->end;
    e->as.link.wire = w->number;
    e->as.link.mtu = w->mtu;
    e->as.link.delay_ns = s->delay_ns;
    for (size_t i = 1; direction_option_name(i); i++) // the first is the delay
        if (direction_option_text(s, i, text))
            event_put_pair(e, EVENT_MAX, &e->as.link.options, direction_option_name(i), text);
    e->as.link.from = from ? from->host->number : 0;
    e->as.link.again = w->told;
    e->as.link.shared = w->shared;
    e->as.link.loopback = w->lo != NULL;
    event_put_text(e, EVENT_MAX, &e->as.link.name, w->name, strlen(w->name));
    event_put(e, EVENT_MAX, &e->as.link.ends, ends, w->port_count * sizeof *ends);
    free(ends);
    log_commit(&w->stage->log, e);
}

struct port *wire_port_of(const struct wire *w, const struct host *h)
{
    for (size_t i = 0; i < w->port_count; i++)
        if (w->ports[i]->host == h)
            return w->ports[i];
    return NULL;
}

// All directions: what the first has, then those that differ from it.
static void log_all(struct wire *w, const struct actor *by)
{
    const struct direction_settings *first = &w->ports[0]->direction.settings;
    log_link(w, NULL, by);
    w->told = true;
    for (size_t i = 1; i < w->port_count; i++)
        if (!direction_options_same(&w->ports[i]->direction.settings, first))
            log_link(w, w->ports[i], by);
}

int wire_set_mtu(struct wire *w, uint32_t mtu, struct err *err)
{
    w->mtu = mtu;
    for (size_t i = 0; i < w->port_count; i++) {
        const struct port *port = w->ports[i];
        if ((port->tap >= 0 || (w->lo && w->stage->built)) &&
            (host_enter(port->host, err) != 0 || iface_set_mtu(port->end.name, mtu, err) != 0))
            return -1;
    }
    return 0;
}

void wire_changed(struct wire *w, const struct port *from, const struct actor *by)
{
    if (w->told && from)
        log_link(w, from, by);
    else if (w->told)
        log_all(w, by);
}

void wire_tell(struct wire *w)
{
    log_all(w, NULL);
    wire_rules_tell(w);
}

void wire_drain(struct host *h, const struct wire_cause *cause)
{
    if (h->stage->loopback) { // nothing to read; but something has happened
        h->stage->last_traffic_ns = clock_now();
        return;
    }
    for (struct port *port = h->ports; port; port = port->next)
        for (int left = FRAMES_PER_WAKE; cause || left > 0; left--) {
            struct flight *fl = flight_take(port->wire);
            ssize_t n = port->tap < 0 ? -1 : read(port->tap, fl->bytes, fl->cap);
            if (n <= 0) {
                flight_give(fl);
                break;
            }
            fl->len = (uint32_t)n;
            entry_take(port, fl, cause);
        }
    if (h->lo)
        lo_drain(h->lo, cause);
}
