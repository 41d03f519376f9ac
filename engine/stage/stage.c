// Implementation of stage.h.
#include "stage/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "kernel/iface.h"
#include "packet/direction_options.h"
#include "stage/epoll.h"
#include "stage/lo.h"
#include "stage/route.h"
#include "stage/router.h"

#define DUE_PER_TURN 256
#define LATE_NS (5 * CLOCK_MS)
#define SWITCH_DELAY_NS (1 * CLOCK_MS)
#define DEFAULT_MTU 1500

static void log_late(struct stage *s, enum late_what what, int64_t late_ns)
{
    struct event *e = log_begin(&s->log, EVENT_LATE, NULL, 0, 0);
    e->as.late.what = what;
    e->as.late.late_ns = late_ns;
    log_commit(&s->log, e);
}

static void turn(struct ev_loop *loop, struct ev_prepare *w, int revents)
{
    (void)revents;
    struct stage *s = w->data;
    int64_t began = clock_now();
    s->late_expected = false;
    int64_t late = timers_run(&s->timers, DUE_PER_TURN);
    ready_poll(&s->ready);
    bool more = s->run && s->run(s->run_arg);
    if (late > LATE_NS && s->log.open && !s->late_expected)
        log_late(s, LATE_RELEASE, late);
    int64_t took = clock_now() - began;
    if (took > LATE_NS && s->log.open && !s->late_expected)
        log_late(s, LATE_LOOP, took);
    if (more || timers_due(&s->timers)) {
        ev_idle_start(loop, &s->again);
    } else {
        ev_idle_stop(loop, &s->again);
        timers_arm(&s->timers);
    }
}

static void nothing_idle(struct ev_loop *loop, struct ev_idle *w, int revents)
{
    (void)loop, (void)w, (void)revents; // its being active keeps the loop from sleeping
}

static void clock_rang(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop, (void)revents;
    struct stage *s = w->data;
    s->timers.armed_ns = -1; // the expiry count stays unread: setting the time again clears it
    timers_arm(&s->timers);
}

static void sockets_ready(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop, (void)revents;
    struct stage *s = w->data;
    ready_poll(&s->ready);
}

// As many descriptors as this user may have: both ends of every connection are in this process.
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int stage_init(struct stage *s, struct ring *ring, uint32_t snap, bool loopback, struct err *err)
{
    *s = (struct stage){.loopback = loopback};
    LIST_INIT(&s->socks);
    TAILQ_INIT(&s->programs);
    s->control = -1;
    LIST_INIT(&s->epolls);
    log_init(&s->log, ring, snap);
    observe_init(&s->observe);
    s->timers.fd = s->ready.epoll = -1;
    raise_limit();
    s->loop = ev_loop_new(EVFLAG_NOENV | EVFLAG_NOSIGMASK | EVBACKEND_EPOLL);
    if (!s->loop || timers_init(&s->timers) != 0 || ready_init(&s->ready, &s->timers) != 0)
        return err_errno(err, "cannot set up the event loop");
    ev_prepare_init(&s->turn, turn);
    ev_idle_init(&s->again, nothing_idle);
    ev_io_init(&s->clock_io, clock_rang, s->timers.fd, EV_READ);
    ev_io_init(&s->ready_io, sockets_ready, s->ready.epoll, EV_READ);
    s->turn.data = s->clock_io.data = s->ready_io.data = s;
    ev_prepare_start(s->loop, &s->turn);
    ev_io_start(s->loop, &s->clock_io);
    ev_io_start(s->loop, &s->ready_io);
    s->last_traffic_ns = clock_now();
    return 0;
}

void stage_fini(struct stage *s)
{
    while (!LIST_EMPTY(&s->epolls))
        epoll_free(LIST_FIRST(&s->epolls));
    while (!LIST_EMPTY(&s->watches))
        watch_free(LIST_FIRST(&s->watches));
    while (!LIST_EMPTY(&s->socks))
        sock_free(LIST_FIRST(&s->socks));
    while (!TAILQ_EMPTY(&s->programs))
        program_free(TAILQ_FIRST(&s->programs));
    HASH_CLEAR(hh, s->by_address);
    HASH_CLEAR(hh6, s->by_address6);
    for (uint32_t i = 0; i < s->wire_count; i++)
        wire_free(s->wires[i]);
    for (uint32_t i = 0; i < s->host_count; i++)
        host_free(s->hosts[i]);
    free(s->ports);
    free(s->wires);
    free(s->hosts);
    timer_stop(&s->timers, &s->observe.tick);
    conns_fini(&s->conns, &s->timers);
    packets_fini(&s->packets);
    if (s->loop)
        ev_loop_destroy(s->loop);
    ready_fini(&s->ready);
    timers_fini(&s->timers);
    *s = (struct stage){0};
}

struct host *stage_add_host(struct stage *s, const char *name)
{
    s->hosts = mem_resize(s->hosts, (s->host_count + 1) * sizeof *s->hosts);
    struct host *h = host_new(s, s->host_count + 1, name);
    s->hosts[s->host_count++] = h;
    return h;
}

static struct wire *add_wire(struct stage *s, const char *name)
{
    s->wires = mem_resize(s->wires, (s->wire_count + 1) * sizeof *s->wires);
    struct wire *w = wire_new(s, s->wire_count + 1, name);
    s->wires[s->wire_count++] = w;
    return w;
}

struct wire *stage_add_wire(struct stage *s, const char *name, struct host *const *hosts,
                            size_t count, bool shared)
{
    struct wire *w = add_wire(s, name);
    w->network = (uint8_t)++s->network_count;
    w->shared = shared;
    w->mtu = DEFAULT_MTU;
    for (size_t i = 0; i < count; i++)
        wire_join(w, hosts[i]);
    for (size_t i = 0; shared && i < count; i++)
        w->ports[i]->direction.settings.delay_ns = SWITCH_DELAY_NS;
    return w;
}

struct wire *stage_add_lo(struct stage *s, const char *name, struct host *h)
{
    struct wire *w = add_wire(s, name);
    wire_join_lo(w, h);
    return w;
}

// Hosts that nobody linked can reach each other all the same.
static void add_default_switch(struct stage *s)
{
    struct host **alone = mem_new((s->host_count + 1) * sizeof(struct host *));
    size_t count = 0;
    for (uint32_t i = 0; i < s->host_count; i++)
        if (!s->hosts[i]->ports)
            alone[count++] = s->hosts[i];
    if (count)
        stage_add_wire(s, "switch", alone, count, true);
    free(alone);
}

static void log_host(struct stage *s, const struct host *h)
{
    struct event *e = log_begin(&s->log, EVENT_HOST, NULL, h->number, 0);
    e->as.host.descriptors = h->descriptor_limit;
    event_put_text(e, EVENT_MAX, &e->as.host.name, h->name, strlen(h->name));
    e->as.host.router = h->router;
    if (h->relay)
        event_put_text(e, EVENT_MAX, &e->as.host.relay, h->relay, strlen(h->relay));
    for (size_t i = 0; i < h->sysctl_count; i++)
        event_put_pair(e, EVENT_MAX, &e->as.host.sysctls, h->sysctls[i].name, h->sysctls[i].value);
    log_commit(&s->log, e);
}

// A line for the log: what the scene asked for and will not get.
static void log_ignored(struct stage *s, const char *what, const char *name)
{
    char text[200];
    snprintf(text, sizeof text, "ignored without a wire: %s of %s", what, name);
    struct event *e = log_begin(&s->log, EVENT_PRINT, NULL, 0, 0);
    event_put_text(e, EVENT_MAX, &e->as.print.text, text, strlen(text));
    log_commit(&s->log, e);
}

static void log_ignored_settings(struct stage *s, const struct wire *w)
{
    const struct direction_settings *settings = &w->ports[0]->direction.settings;
    char text[DIRECTION_OPTION_TEXT];
    for (size_t i = w->shared ? 1 : 0; direction_option_name(i);
         i++) // a switch has a delay unasked
        if (direction_option_text(settings, i, text))
            log_ignored(s, direction_option_name(i), w->name);
}

// Hosts as addresses of lo: 127.a.b.n, with a and b at random, so that runs do not meet each other.
static void build_loopback(struct stage *s)
{
    uint8_t net[2] = {1, 1};
    if (getrandom(net, sizeof net, GRND_NONBLOCK) == sizeof net)
        net[0] |= 1; // never 127.0
    for (uint32_t i = 0; i < s->wire_count; i++) {
        struct wire *w = s->wires[i];
        log_ignored_settings(s, w);
        if (w->mtu != DEFAULT_MTU)
            log_ignored(s, "mtu", w->name);
        wire_lay_on_loopback(w, net);
    }
    for (uint32_t i = 0; i < s->host_count; i++) {
        if (s->hosts[i]->sysctl_count)
            log_ignored(s, "sysctl", s->hosts[i]->name);
        if (s->hosts[i]->rule_count)
            log_ignored(s, "rules", s->hosts[i]->name);
    }
}

static int build_hosts(struct stage *s, struct err *err)
{
    for (uint32_t i = 0; i < s->host_count; i++)
        if (host_make(s->hosts[i], err) != 0)
            return -1;
    for (uint32_t i = 0; i < s->wire_count; i++)
        if (wire_make(s->wires[i], err) != 0)
            return -1;
    if (routes_make(s, err) != 0)
        return -1;
    for (uint32_t i = 0; i < s->host_count; i++)
        if (router_make(s->hosts[i], err) != 0)
            return -1;
    return 0;
}

int stage_build(struct stage *s, struct err *err)
{
    if (s->built)
        return 0;
    s->late_expected = true;
    s->built = true;
    add_default_switch(s);
    if (s->loopback)
        build_loopback(s);
    else if (build_hosts(s, err) != 0)
        return -1;
    log_open(&s->log); // also without any host: the clock runs from here
    for (uint32_t i = 0; i < s->host_count; i++)
        log_host(s, s->hosts[i]);
    for (uint32_t i = 0; i < s->wire_count; i++)
        wire_tell(s->wires[i]);
    for (uint32_t i = 0; i < s->host_count; i++)
        router_tell(s->hosts[i]);
    return 0;
}

static bool is_link_local(const struct addr *a)
{
    return a->family == 6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

// The kernel makes these from the MAC (RFC 4291, Appendix A), in which the port's number stands.
static struct port *port_of_link_local(const struct stage *s, const struct addr *a)
{
    static const uint8_t begin[14] = {0xfe, 0x80, [11] = 0xff, [12] = 0xfe};
    uint32_t number = (uint32_t)a->bytes[14] << 8 | a->bytes[15];
    if (memcmp(a->bytes, begin, sizeof begin) != 0 || number < 1 || number > s->port_count)
        return NULL;
    return s->ports[number - 1];
}

struct port *stage_port_of(const struct stage *s, const struct addr *address)
{
    struct addr key = *address;
    struct port *found;
    key.port = 0;
    if (address->family == 4)
        HASH_FIND(hh, s->by_address, &key, sizeof key, found);
    else if (is_link_local(address))
        return port_of_link_local(s, address);
    else
        HASH_FIND(hh6, s->by_address6, &key, sizeof key, found);
    return found;
}

struct host *stage_host_of(const struct stage *s, const struct addr *address)
{
    const struct port *port = stage_port_of(s, address);
    return port ? port->host : NULL;
}

int64_t stage_time(const struct stage *s)
{
    return s->log.zero_ns ? timers_scene_now(&s->timers) - s->log.zero_ns : 0;
}

bool stage_quiet(const struct stage *s, int64_t for_ns)
{
    return s->in_flight == 0 && clock_now() - s->last_traffic_ns >= for_ns;
}

bool stage_pending(const struct stage *s)
{
    for (uint32_t i = 0; i < s->conns.count; i++)
        if (conn_pending(s->conns.all[i]))
            return true;
    return false;
}

void stage_abandon(struct stage *s)
{
    const struct linger none = {.l_onoff = 1};
    struct sock *sock;
    LIST_FOREACH(sock, &s->socks, link)
    if (sock->fd >= 0)
        setsockopt(sock->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none); // closing it is a RST
    for (uint32_t i = 0; i < s->conns.count && !s->loopback; i++)
        for (int side = 0; side < 2; side++) {
            const struct conn_end *end = &s->conns.all[i]->end[side];
            if (end->host && !end->sock && end->state != STATE_CLOSE &&
                end->state != STATE_TIME_WAIT)
                host_destroy(end->host, &end->address, &end->peer);
        }
}

// Frames that never reached the wire.
static int64_t lost_at(const struct port *port)
{
    if (port->wire->lo)
        return lo_lost(port->wire);
    if (port->tap < 0 || host_enter(port->host, NULL) != 0)
        return 0;
    return iface_tx_dropped(port->end.name);
}

void stage_check_drops(struct stage *s)
{
    for (uint32_t i = 0; s->built && i < s->wire_count; i++)
        for (size_t p = 0; p < s->wires[i]->port_count; p++) {
            const struct port *port = s->wires[i]->ports[p];
            int64_t lost = lost_at(port);
            if (lost <= 0)
                continue;
            char text[160];
            snprintf(text, sizeof text,
                     "%lld frames of %s were lost before they reached the wire: what is shown is "
                     "not complete",
                     (long long)lost, port->host->name);
            log_error(&s->log, NULL, port->host->number, text, NULL);
        }
}
