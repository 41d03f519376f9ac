// Implementation of station.h.
#include "stage/station.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage/stage.h"

#define LEARNED_MAX 4096 // of one wire; what a host makes up beyond that is flooded

// A station that is none of the interfaces that the wire has made.
struct station {
    uint8_t mac[6];
    struct port *port; // (borrowed)
    UT_hash_handle hh;
};

static bool is_group(const uint8_t mac[6])
{
    return mac[0] & 1;
}

// The port whose own address this is: its number stands in it.
static struct port *owner_of(const struct wire *w, const uint8_t mac[6])
{
    const struct stage *s = w->stage;
    uint32_t number = (uint32_t)mac[4] << 8 | mac[5];
    struct port *port = number >= 1 && number <= s->port_count ? s->ports[number - 1] : NULL;
    return port && port->wire == w && memcmp(port->end.mac, mac, 6) == 0 ? port : NULL;
}

static struct station *learned(const struct wire *w, const uint8_t mac[6])
{
    struct station *found;
    HASH_FIND(hh, w->stations, mac, 6, found);
    return found;
}

void station_learn(struct port *port, const uint8_t mac[6])
{
    struct wire *w = port->wire;
    if (memcmp(port->end.mac, mac, 6) == 0 || !w->shared || is_group(mac) || owner_of(w, mac))
        return;
    struct station *s = learned(w, mac);
    if (!s) {
        if (HASH_COUNT(w->stations) == LEARNED_MAX)
            return;
        s = mem_new(sizeof *s);
        memcpy(s->mac, mac, 6);
        HASH_ADD(hh, w->stations, mac, 6, s);
    }
    s->port = port;
}

struct port *station_find(const struct port *from, const uint8_t mac[6])
{
    const struct wire *w = from->wire;
    if (!w->shared) // a cable has one other end, and asks for no address
        return w->ports[w->ports[0] == from];
    if (is_group(mac))
        return NULL;
    struct port *port = owner_of(w, mac);
    const struct station *s = port ? NULL : learned(w, mac);
    return s ? s->port : port;
}

void stations_free(struct wire *w)
{
    struct station *s, *next;
    HASH_ITER(hh, w->stations, s, next) {
        HASH_DEL(w->stations, s); // NOLINT(clang-analyzer-unix.Malloc): lost in uthash's macros
        free(s);
    }
}
