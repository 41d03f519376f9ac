// Implementation of host.h.
#include "stage/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "kernel/diag.h"
#include "kernel/iface.h"
#include "kernel/netns.h"
#include "kernel/sysctl.h"
#include "stage/stage.h"

struct host *host_new(struct stage *s, uint32_t number, const char *name)
{
    struct host *h = mem_new(sizeof *h);
    h->stage = s;
    h->number = number;
    h->name = mem_text(name, strlen(name));
    h->ns = h->diag = h->counters = -1;
    h->lowest_free = 3;
    ready_source_init(&h->freed);
    return h;
}

void host_free(struct host *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->sysctl_count; i++) {
        free(h->sysctls[i].name);
        free(h->sysctls[i].value);
    }
    free(h->sysctls);
    free(h->rules);
    fragments_free(h->fragments);
    free(h->descriptors);
    free(h->name);
    free(h->relay);
    if (h->ns >= 0)
        close(h->ns);
    if (h->diag >= 0)
        close(h->diag);
    if (h->counters >= 0)
        close(h->counters);
    free(h);
}

void host_want_relay(struct host *h, const char *address)
{
    free(h->relay);
    h->relay = mem_text(address, strlen(address));
}

void host_want_sysctl(struct host *h, const char *name, const char *value)
{
    h->sysctls = mem_resize(h->sysctls, (h->sysctl_count + 1) * sizeof *h->sysctls);
    h->sysctls[h->sysctl_count].name = mem_text(name, strlen(name));
    h->sysctls[h->sysctl_count].value = mem_text(value, strlen(value));
    h->sysctl_count++;
}

// A name without a dot stands under net.ipv4, else under net.core; afterwards the setting has its
// full name.
static int make_setting(struct host_setting *s)
{
    char full[256];
    if (strchr(s->name, '.'))
        return sysctl_set(s->name, s->value);
    snprintf(full, sizeof full, "net.ipv4.%s", s->name);
    int failed = sysctl_set(full, s->value);
    if (failed && errno == ENOENT) {
        char core[256];
        snprintf(core, sizeof core, "net.core.%s", s->name);
        failed = sysctl_set(core, s->value);
        if (!failed || errno != ENOENT)
            memcpy(full, core, sizeof full);
    }
    int saved = errno;
    free(s->name);
    s->name = mem_text(full, strlen(full));
    errno = saved;
    return failed;
}

int host_make(struct host *h, struct err *err)
{
    h->ns = netns_new(err);
    if (h->ns < 0)
        return -1;
    h->stage->in_host = h;
    sysctl_pin_all(h->stage->gate.mode == GATE_STEP);
    if (h->router && sysctl_set("net.ipv4.ip_forward", "1") != 0)
        return err_errno(err, "cannot make %s forward packets (net.ipv4.ip_forward)", h->name);
    if (h->ipv6 && sysctl_allow_ipv6(h->router) != 0)
        return err_errno(err, "no IPv6 for %s (net.ipv6.conf)", h->name);
    for (size_t i = 0; i < h->sysctl_count; i++)
        if (make_setting(&h->sysctls[i]) != 0) {
            h->stage->wrong = true;
            return err_errno(err, "cannot set %s to \"%s\" on host %s", h->sysctls[i].name,
                             h->sysctls[i].value, h->name);
        }
    return iface_loopback_up(err);
}

int host_enter(struct host *h, struct err *err)
{
    if (h->stage->in_host == h || h->stage->loopback)
        return 0;
    if (netns_enter(h->ns, err) != 0)
        return -1;
    h->stage->in_host = h;
    return 0;
}

static size_t next_descriptor(const struct host *h)
{
    size_t n = h->lowest_free;
    while (n < h->descriptor_cap && h->descriptors[n])
        n++;
    return n;
}

void host_limit_begin(struct host *h)
{
    h->limited = h->descriptor_limit && next_descriptor(h) >= h->descriptor_limit &&
                 getrlimit(RLIMIT_NOFILE, &h->unlimited) == 0;
    errno = 0; // so that the end sees what the call says
    if (!h->limited)
        return;
    struct rlimit none = {.rlim_cur = 0, .rlim_max = h->unlimited.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
}

void host_limit_end(struct host *h)
{
    int error = errno;
    if (h->limited)
        setrlimit(RLIMIT_NOFILE, &h->unlimited);
    else if (error == EMFILE)
        h->stage->exhausted = true;
    h->limited = false;
    errno = error;
}

int host_take_descriptor(struct host *h)
{
    size_t n = next_descriptor(h);
    if (n >= h->descriptor_cap) {
        size_t cap = n < 32 ? 64 : n * 2;
        h->descriptors = mem_resize(h->descriptors, cap);
        memset(h->descriptors + h->descriptor_cap, 0, cap - h->descriptor_cap);
        h->descriptor_cap = cap;
    }
    h->descriptors[n] = 1;
    h->lowest_free = n + 1;
    return (int)n;
}

void host_give_descriptor(struct host *h, int number)
{
    h->descriptors[number] = 0;
    if ((size_t)number < h->lowest_free)
        h->lowest_free = (size_t)number;
    h->frees++;
    ready_source_wake(&h->freed);
}

static bool can_ask(struct host *h)
{
    return h->diag >= 0 || (host_enter(h, NULL) == 0 && (h->diag = diag_open(NULL)) >= 0);
}

int host_diag(struct host *h, const struct addr *local, const struct addr *peer,
              struct diag_socket *found)
{
    return can_ask(h) ? diag_find(h->diag, local, peer, found) : -1;
}

int host_figures(struct host *h, const struct addr *local, const struct addr *peer,
                 struct event_tcp *figures)
{
    return can_ask(h) ? diag_figures(h->diag, local, peer, figures) : -1;
}

int host_listener(struct host *h, const struct addr *local, struct diag_socket *found)
{
    return can_ask(h) ? diag_listener(h->diag, local, found) : -1;
}

// On the machine's loopback the sockets of others, and of other hosts, are there too.
static ssize_t keep_own(const struct host *h, struct diag_row *rows, ssize_t count)
{
    ssize_t kept = 0;
    for (ssize_t i = 0; i < count; i++)
        if (memcmp(rows[i].local.bytes, h->address.bytes, 4) == 0)
            rows[kept++] = rows[i];
    return kept;
}

ssize_t host_sockets(struct host *h, struct diag_row **rows)
{
    ssize_t count = can_ask(h) ? diag_list(h->diag, rows) : -1;
    return count > 0 && h->stage->loopback ? keep_own(h, *rows, count) : count;
}

int host_count(struct host *h, uint32_t states[STATE_COUNT])
{
    struct diag_row *rows = NULL;
    if (!h->stage->loopback)
        return can_ask(h) ? diag_count(h->diag, states) : -1;
    ssize_t count = host_sockets(h, &rows);
    memset(states, 0, STATE_COUNT * sizeof *states);
    for (ssize_t i = 0; i < count; i++)
        states[rows[i].socket.state]++;
    free(rows);
    return count < 0 ? -1 : 0;
}

void host_destroy(struct host *h, const struct addr *local, const struct addr *peer)
{
    if (can_ask(h))
        diag_destroy(h->diag, local, peer);
}

static bool read_counters(struct host *h, struct counters_tcp *now)
{
    if (h->counters < 0 && (host_enter(h, NULL) != 0 || (h->counters = counters_open(NULL)) < 0))
        return false;
    *now = h->counted;
    return counters_read(h->counters, now) == 0;
}

enum retransmission_kind host_repetition(struct host *h)
{
    struct counters_tcp before = h->counted, now;
    if (!read_counters(h, &now))
        return KIND_NONE;
    h->counted.timeouts = now.timeouts;
    h->counted.loss_probes = now.loss_probes;
    h->counted.fast_retrans = now.fast_retrans;
    if (now.loss_probes > before.loss_probes)
        return KIND_TLP;
    if (now.timeouts > before.timeouts)
        return KIND_RTO;
    return now.fast_retrans > before.fast_retrans ? KIND_FAST : KIND_NONE;
}

bool host_overflow(struct host *h, uint32_t *overflows, uint32_t *drops)
{
    struct counters_tcp now;
    if (h->stage->loopback || !read_counters(h, &now)) // the machine's counters count others too
        return false;
    *overflows = (uint32_t)(now.listen_overflows - h->counted.listen_overflows);
    *drops = (uint32_t)(now.listen_drops - h->counted.listen_drops);
    h->counted.listen_overflows = now.listen_overflows;
    h->counted.listen_drops = now.listen_drops;
    return *overflows || *drops;
}
