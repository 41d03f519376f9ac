// Implementation of conn_path.h.
#include "stage/conn_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage/stage.h"

static bool is_loopback(const struct addr *a)
{
    static const uint8_t loopback6[16] = {[15] = 1};
    return a->family == 4 ? a->bytes[0] == 127 : memcmp(a->bytes, loopback6, 16) == 0;
}

static struct conn_key key_of(const struct host *on, const struct addr *a, const struct addr *b)
{
    uint32_t host = !on->stage->loopback && is_loopback(a) ? on->number : 0;
    struct conn_key key = {*a, *b, host};
    if (memcmp(a, b, sizeof *a) > 0)
        key = (struct conn_key){*b, *a, host};
    return key;
}

static struct conn_path *find(const struct host *on, const struct addr *a, const struct addr *b)
{
    struct conn_key key = key_of(on, a, b);
    struct conn_path *found;
    HASH_FIND(hh, on->stage->conns.by_key, &key, sizeof key, found);
    return found;
}

struct conn *conn_find(struct host *on, const struct addr *a, const struct addr *b, int *side)
{
    const struct conn_path *path = find(on, a, b);
    if (!path)
        return NULL;
    *side = memcmp(&path->client, a, sizeof *a) != 0;
    return path->conn;
}

void conn_path_add(struct conn *c, struct host *on, const struct addr *client,
                   const struct addr *server)
{
    struct conns *all = &on->stage->conns;
    struct conn_path *path = mem_new(sizeof *path), *old = find(on, client, server);
    if (old)
        HASH_DEL(all->by_key, old);
    path->key = key_of(on, client, server);
    path->conn = c;
    path->client = *client;
    path->next = c->paths;
    c->paths = path;
    HASH_ADD(hh, all->by_key, key, sizeof path->key, path);
}

enum packet_rewritten conn_rewritten(const struct conn *c, int side, const struct addr *from,
                                     const struct addr *to)
{
    const struct addr *client = &c->end[0].address, *server = &c->end[0].peer;
    if (!c->paths->next)
        return REWRITTEN_NONE;
    bool source = memcmp(from, side == 0 ? client : server, sizeof *from) != 0;
    bool destination = memcmp(to, side == 0 ? server : client, sizeof *to) != 0;
    return source && destination ? REWRITTEN_BOTH
           : source              ? REWRITTEN_FROM
           : destination         ? REWRITTEN_TO
                                 : REWRITTEN_NONE;
}

void conn_paths_free(struct conn *c)
{
    while (c->paths) {
        struct conn_path *gone = c->paths;
        c->paths = gone->next;
        free(gone);
    }
}

// The connection whose SYN this is under other addresses: that of the connect(2) on the router
// itself that has just sent it, or one with the same initial number that has come from elsewhere.
static struct conn *rewritten(const struct host *router, const struct frame *syn,
                              const struct conn *caller)
{
    const struct conns *all = &router->stage->conns;
    if (caller && caller->end[0].host == router && !caller->syn_seen)
        return all->all[caller->number - 1];
    for (uint32_t i = all->count; i-- > 0;) {
        struct conn *c = all->all[i];
        if (c->syn_seen && c->syn_seq == syn->seq && c->end[0].host != router)
            return c;
    }
    return NULL;
}

struct conn *conn_of_frame(struct host *on, const struct frame *f, const struct conn *caller,
                           int *side)
{
    struct conn *c = conn_find(on, &f->from, &f->to, side);
    bool syn = (f->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    // The same addresses again: another SYN number is another connection, unless both ends sent
    // theirs at once.
    bool another = c && syn && c->syn_seen && c->syn_seq != f->seq && *side == 0;
    if (!c || another) {
        *side = 0;
        c = syn && on->router ? rewritten(on, f, caller) : NULL;
        if (c) {
            conn_path_add(c, on, &f->from, &f->to);
            conn_far_end(c, &f->from, &f->to);
        } else {
            c = conn_new(on, &f->from, &f->to);
        }
    }
    if (syn && !c->syn_seen) {
        c->syn_seen = true;
        c->syn_seq = f->seq;
    }
    return c;
}
