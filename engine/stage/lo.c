// Implementation of lo.h.
#include "stage/lo.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "kernel/capture.h"
#include "kernel/iface.h"
#include "stage/entry.h"
#include "stage/stage.h"

#define LO_MTU 65536
#define FRAMES_PER_WAKE 64

struct lo {
    struct capture *capture; // (owned)
    struct ev_io watcher;
    struct ev_loop *loop; // (borrowed)
    // The arrival just before, of what is being drained.
    const struct conn *conn; // NULL: none
    int side;                // that it came to
    uint64_t arrived;
};

// Whether a connection over the loopback of the host is known, whose packets nobody looked at.
static bool was_used(const struct host *h)
{
    const struct conns *all = &h->stage->conns;
    for (uint32_t i = 0; i < all->count; i++)
        if (all->all[i]->end[0].host == h && all->all[i]->end[1].host == h)
            return true;
    return false;
}

struct wire *lo_wire(struct host *h, bool *wrong, struct err *err)
{
    struct stage *s = h->stage;
    char name[80];
    *wrong = false;
    if (h->lo)
        return h->lo;
    if (was_used(h)) {
        *wrong = true;
        err_set(err,
                "nobody looked at the loopback of %s until here: name it above the first call, "
                "as in `local lo = %s.lo`",
                h->name, h->name);
        return NULL;
    }
    snprintf(name, sizeof name, "%s.lo", h->name);
    struct wire *w = stage_add_lo(s, name, h);
    w->lo = mem_new(sizeof *w->lo);
    w->mtu = LO_MTU;
    h->lo = w;
    if (!s->built)
        return w;
    s->late_expected = true; // the kernel waits until no packet is under way
    if (lo_make(w, err) != 0)
        return NULL;
    wire_tell(w);
    return w;
}

static void readable(struct ev_loop *loop, struct ev_io *io, int revents)
{
    (void)loop, (void)revents;
    struct wire *w = io->data;
    wire_drain(w->ports[0]->host, NULL);
}

int lo_make(struct wire *w, struct err *err)
{
    struct lo *lo = w->lo;
    struct host *h = w->ports[0]->host;
    if (host_enter(h, err) != 0 || !(lo->capture = capture_open("lo", err)))
        return -1;
    if (w->mtu != LO_MTU && iface_set_mtu("lo", w->mtu, err) != 0)
        return -1;
    ev_io_init(&lo->watcher, readable, capture_fd(lo->capture), EV_READ);
    lo->watcher.data = w;
    lo->loop = w->stage->loop;
    ev_io_start(lo->loop, &lo->watcher);
    return 0;
}

void lo_free(struct lo *lo)
{
    if (!lo)
        return;
    if (lo->loop)
        ev_io_stop(lo->loop, &lo->watcher);
    capture_close(lo->capture);
    free(lo);
}

void lo_drain(struct wire *w, const struct wire_cause *cause)
{
    struct lo *lo = w->lo;
    const uint8_t *bytes;
    uint32_t len;
    lo->conn = NULL;
    for (int left = FRAMES_PER_WAKE; lo->capture && (cause || left > 0); left--) {
        if (!(bytes = capture_next(lo->capture, &len)))
            return;
        struct flight *fl = flight_take(w);
        fl->len = len < fl->cap ? len : fl->cap;
        memcpy(fl->bytes, bytes, fl->len);
        entry_take(w->ports[0], fl, cause);
    }
}

void lo_arrived(struct flight *f)
{
    struct lo *lo = f->wire->lo;
    f->fate = FATE_DELIVERED;
    f->why = NULL;
    uint64_t id = flight_land(f, f->wire->ports[0]);
    lo->conn = f->conn;
    lo->side = f->to_side;
    lo->arrived = id;
    flight_give(f);
}

const struct wire_cause *lo_cause(const struct flight *f, const struct wire_cause *cause,
                                  struct wire_cause *own)
{
    const struct lo *lo = f->wire->lo;
    if (!cause || !f->conn || lo->conn != f->conn || lo->side == f->to_side)
        return cause;
    *own = (struct wire_cause){.id = lo->arrived, .conn = f->conn};
    return own;
}

uint32_t lo_lost(const struct wire *w)
{
    return w->lo->capture ? capture_lost(w->lo->capture) : 0;
}
