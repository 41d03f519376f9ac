// Binding of inject(): a packet that no kernel has sent, from a table of the scene.
//
// The prelude has looked at the names of the fields, and at the types of most.
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "event/addr.h"
#include "event/fields.h"
#include "event/flags.h"
#include "packet/build.h"
#include "script/bind.h"
#include "script/fault.h"
#include "script/play.h"
#include "stage/entry.h"

#define ARG 2 // the table

// What the table says, on its way to a frame.
struct wish {
    struct wire *wire;
    struct port *port; // as whom it is sent
    struct frame frame;
    const char *payload; // (borrowed from the table)
};

enum plain_kind { PLAIN_8, PLAIN_16, PLAIN_32, PLAIN_YES };

// Numbers, and yes or no, that stand in the frame as they are.
static const struct {
    const char *name;
    enum plain_kind kind;
    size_t offset;
} plain[] = {
    {"from_port", PLAIN_16, offsetof(struct frame, from.port)},
    {"to_port", PLAIN_16, offsetof(struct frame, to.port)},
    {"seq", PLAIN_32, offsetof(struct frame, seq)},
    {"ack", PLAIN_32, offsetof(struct frame, ack)},
    {"mss", PLAIN_16, offsetof(struct frame, mss)},
    {"window_scale", PLAIN_8, offsetof(struct frame, window_scale)},
    {"sack_permitted", PLAIN_YES, offsetof(struct frame, sack_permitted)},
    {"ttl", PLAIN_8, offsetof(struct frame, ttl)},
    {"ecn", PLAIN_8, offsetof(struct frame, ecn)},
    {"ip_id", PLAIN_16, offsetof(struct frame, ip_id)},
    {"ip_protocol", PLAIN_8, offsetof(struct frame, ip_protocol)},
    {"dont_fragment", PLAIN_YES, offsetof(struct frame, dont_fragment)},
    {"more_fragments", PLAIN_YES, offsetof(struct frame, more_fragments)},
    {"fragment", PLAIN_16, offsetof(struct frame, fragment_offset)},
    {"icmp_type", PLAIN_8, offsetof(struct frame, icmp_type)},
    {"icmp_code", PLAIN_8, offsetof(struct frame, icmp_code)},
    {"icmp_rest", PLAIN_32, offsetof(struct frame, icmp_rest)},
};

#define PLAINS (sizeof plain / sizeof *plain)

// Whether the table has it; its value is on top then.
static bool has(lua_State *L, const char *name)
{
    if (lua_getfield(L, ARG, name) != LUA_TNIL)
        return true;
    lua_pop(L, 1);
    return false;
}

static bool is_given(lua_State *L, const char *name)
{
    bool is = has(L, name);
    if (is)
        lua_pop(L, 1);
    return is;
}

static uint32_t number_on_top(lua_State *L, const char *name, lua_Integer most)
{
    int ok;
    lua_Integer n = lua_tointegerx(L, -1, &ok);
    if (!ok || n < 0 || n > most)
        fault_misuse(L, "inject: %s is a whole number from 0 to %lld", name, (long long)most);
    return (uint32_t)n;
}

static void read_plain(lua_State *L, struct frame *f)
{
    for (size_t i = 0; i < PLAINS; i++) {
        void *at = (char *)f + plain[i].offset;
        if (!has(L, plain[i].name))
            continue;
        if (plain[i].kind == PLAIN_8)
            *(uint8_t *)at = (uint8_t)number_on_top(L, plain[i].name, UINT8_MAX);
        else if (plain[i].kind == PLAIN_16)
            *(uint16_t *)at = (uint16_t)number_on_top(L, plain[i].name, UINT16_MAX);
        else if (plain[i].kind == PLAIN_32)
            *(uint32_t *)at = number_on_top(L, plain[i].name, UINT32_MAX);
        else
            *(bool *)at = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
}

// `from` or `to`: a host of the scene, by its address on this wire if it has one, or any address.
static void read_address(lua_State *L, const struct wire *w, const char *name, struct addr *a)
{
    struct addr found = {0};
    if (!has(L, name))
        return;
    if (lua_type(L, -1) != LUA_TSTRING || addr_parse(lua_tostring(L, -1), &found) != 0) {
        const struct host *h = bind_check_host(L, lua_gettop(L));
        const struct port *at = wire_port_of(w, h);
        found = at ? at->end.address : h->address;
    }
    found.port = a->port;
    *a = found;
    lua_pop(L, 1);
}

// The ends of a connection: `from`, or whom the direction begins at, sends to the other.
static void read_conn(lua_State *L, struct wish *w)
{
    if (!has(L, "conn"))
        return;
    const struct sock *s = bind_check(L, lua_gettop(L), BIND_SOCKET);
    const struct addr *from = w->frame.from.family ? &w->frame.from
                              : w->port            ? &w->port->end.address
                                                   : NULL;
    if (!s->conn || !from)
        fault_misuse(L, s->conn ? "inject: which end of conn sends it? Say from = server"
                                : "conn: this socket has no connection");
    const struct conn_end *ends = s->conn->end;
    int side = memcmp(ends[0].address.bytes, from->bytes, sizeof from->bytes) != 0;
    w->frame.from = ends[side].address;
    w->frame.to = ends[!side].address;
    lua_pop(L, 1);
}

static void read_ends(lua_State *L, struct wish *w)
{
    struct frame *f = &w->frame;
    read_address(L, w->wire, "from", &f->from);
    read_address(L, w->wire, "to", &f->to);
    read_conn(L, w);
    if (!f->from.family && w->port) {
        uint16_t port = f->from.port;
        f->from = w->port->end.address;
        f->from.port = port;
    }
    if (!f->from.family || !f->to.family)
        fault_misuse(L, "inject: who sends it to whom? from = client, to = server");
    if (f->from.family != f->to.family)
        fault_misuse(L, "inject: from and to are both IPv4 or both IPv6");
}

// As whom it is sent: the host that has the address; else, of two, the one it is not for.
static void find_port(lua_State *L, struct wish *w)
{
    struct port **ports = w->wire->ports;
    size_t count = w->wire->port_count;
    for (size_t i = 0; !w->port && i < count; i++)
        if (addr_equal(&ports[i]->end.address, &w->frame.from, false))
            w->port = ports[i];
    for (size_t i = 0; !w->port && count == 2 && i < count; i++)
        if (addr_equal(&ports[i]->end.address, &w->frame.to, false))
            w->port = ports[!i];
    if (!w->port)
        fault_misuse(L, "inject: from which host does it come? wire:from(client):inject { … }");
}

static void read_mac(lua_State *L, const char *name, uint8_t mac[6])
{
    unsigned b[6];
    char rest;
    if (!has(L, name))
        return;
    const char *text = luaL_checkstring(L, -1);
    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
               &rest) != 6)
        fault_misuse(L, "inject: %s is a MAC address such as \"02:00:00:00:00:01\"", name);
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)b[i];
    lua_pop(L, 1);
}

// Who gets it on this wire: who has the address, else whoever stands at the other end; NULL: all.
static const struct port *receiver(const struct wish *w)
{
    const struct wire *wire = w->wire;
    for (size_t i = 0; i < wire->port_count; i++)
        if (addr_equal(&wire->ports[i]->end.address, &w->frame.to, false))
            return wire->ports[i];
    return wire->port_count == 2 ? wire->ports[wire->ports[0] == w->port] : NULL;
}

static void put_macs(lua_State *L, struct wish *w)
{
    const struct port *to = receiver(w);
    memcpy(w->frame.src, w->port->end.mac, 6);
    memset(w->frame.dst, 0xff, 6);
    if (to)
        memcpy(w->frame.dst, to->end.mac, 6);
    read_mac(L, "from_mac", w->frame.src);
    read_mac(L, "to_mac", w->frame.dst);
}

static uint32_t protocols_of(lua_State *L, const struct frame *f)
{
    static const char *const names[] = {"tcp", "udp", "icmp", "arp", "ip", NULL};
    static const uint32_t known[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP, PROTOCOL_ARP, 0};
    size_t i = is_given(L, "icmp") ? 2 : 0; // tcp, unless told
    if (has(L, "protocol")) {
        const char *text = luaL_checkstring(L, -1);
        while (names[i] && strcmp(names[i], text) != 0)
            i++;
        if (!names[i])
            fault_misuse(L,
                         "inject: protocol is one of \"tcp\", \"udp\", \"icmp\", \"arp\", \"ip\"");
        lua_pop(L, 1);
    }
    if (known[i] == PROTOCOL_ARP)
        return PROTOCOL_ETH | PROTOCOL_ARP;
    if (f->from.family == 4)
        return PROTOCOL_ETH | PROTOCOL_IP | known[i];
    return PROTOCOL_ETH | PROTOCOL_IPV6 |
           (known[i] == PROTOCOL_ICMP ? (uint32_t)PROTOCOL_ICMPV6 : known[i]);
}

// What an ICMP message says, by its name.
static void read_message(lua_State *L, struct frame *f)
{
    bool six = f->from.family == 6;
    size_t i = 0;
    if (!has(L, "icmp"))
        return;
    const char *text = luaL_checkstring(L, -1);
    while (names_of_icmp[i] && strcmp(names_of_icmp[i], text) != 0)
        i++;
    if (!names_of_icmp[i] || !frame_message((enum message)i, six, &f->icmp_type, &f->icmp_code))
        fault_misuse(L,
                     "inject: there is no ICMP message \"%s\" here; icmp_type and icmp_code take "
                     "any number",
                     text);
    lua_pop(L, 1);
}

static void read_payload(lua_State *L, struct wish *w)
{
    size_t len = 0;
    if (!has(L, "data"))
        return;
    w->payload = lua_tolstring(L, -1, &len);
    if (len > UINT16_MAX)
        fault_misuse(L, "inject: data of %zu bytes does not fit into a packet", len);
    w->frame.payload_len = (uint32_t)len;
    lua_pop(L, 1);
}

static void read_operation(lua_State *L, struct frame *f)
{
    if (!has(L, "operation"))
        return;
    const char *text = luaL_checkstring(L, -1);
    f->arp_operation = strcmp(text, "reply") == 0 ? 2 : 1;
    if (f->arp_operation == 1 && strcmp(text, "request") != 0)
        fault_misuse(L, "inject: operation is \"request\" or \"reply\"");
    lua_pop(L, 1);
}

static void read_flags(lua_State *L, struct frame *f)
{
    uint32_t flags = f->payload_len ? TCP_PSH | TCP_ACK : TCP_ACK;
    if (has(L, "flags")) {
        if (flags_parse(lua_tostring(L, -1), &flags) != 0)
            fault_misuse(L,
                         "inject: flags are letters such as \"S\", \"SA\", \"PA\", \"R\", not %s",
                         lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    f->flags = (uint8_t)flags;
}

static void read_timestamps(lua_State *L, struct frame *f)
{
    if (!has(L, "timestamps"))
        return;
    f->timestamps = true;
    lua_geti(L, -1, 1);
    f->ts_value = number_on_top(L, "the first of timestamps", UINT32_MAX);
    lua_geti(L, -2, 2);
    f->ts_echo = number_on_top(L, "the second of timestamps", UINT32_MAX);
    lua_pop(L, 3);
}

// Numbers are relative where the wire knows the connection; what is not given goes on there.
static void read_tcp(lua_State *L, struct wish *w)
{
    struct frame *f = &w->frame;
    struct track_numbers n;
    read_flags(L, f);
    read_timestamps(L, f);
    uint32_t window = UINT16_MAX;
    if (track_numbers(w->wire->track, &f->from, &f->to, &n)) {
        f->seq = is_given(L, "seq") ? n.base + f->seq : n.next;
        f->ack = is_given(L, "ack") ? n.peer_base + f->ack : n.ack;
        window = n.window;
    }
    if (has(L, "window")) {
        window = number_on_top(L, "window", 1 << 30);
        lua_pop(L, 1);
    }
    window >>= f->flags & TCP_SYN ? 0 : n.scale;
    f->window = (uint16_t)(window < UINT16_MAX ? window : UINT16_MAX);
    if (!(f->flags & TCP_ACK))
        f->ack = 0;
}

// The frame that the table asks for.
static uint32_t craft(lua_State *L, struct wish *w, uint8_t *out, size_t room)
{
    struct frame *f = &w->frame;
    *f = (struct frame){.ttl = 64, .window_scale = -1, .dont_fragment = true, .arp_operation = 1};
    read_plain(L, f);
    read_ends(L, w);
    find_port(L, w);
    put_macs(L, w);
    f->protocols = protocols_of(L, f);
    read_payload(L, w);
    read_operation(L, f);
    read_message(L, f);
    if (f->protocols & PROTOCOL_TCP)
        read_tcp(L, w);
    int len = build_frame(f, w->payload, out, room);
    if (len < 0)
        fault_misuse(L, "inject: data of %u bytes does not fit into a packet", f->payload_len);
    if (has(L, "checksum")) {
        if (!lua_toboolean(L, -1))
            build_spoil(out, (uint32_t)len);
        lua_pop(L, 1);
    }
    return (uint32_t)len;
}

// inject(wire or direction, packet) → the id of its event
static int sys_inject(lua_State *L)
{
    struct bind_way way = bind_check_way(L, "inject()");
    struct wish w = {.wire = way.wire, .port = way.from};
    lua_settop(L, ARG);
    bind_check_may_call(L);
    bind_need_network(L);
    size_t room = BUILD_HEADERS_MAX + UINT16_MAX, len = 0;
    const uint8_t *frame;
    if (has(L, "frame")) {
        frame = (const uint8_t *)lua_tolstring(L, -1, &len);
        if (!w.port)
            fault_misuse(L, "inject: from which host does it come? wire:from(client):inject { … }");
    } else {
        uint8_t *out = lua_newuserdatauv(L, room, 0);
        len = craft(L, &w, out, room);
        frame = out;
    }
    if (len < FRAME_ETH_LEN || len > w.wire->mtu + FRAME_ETH_LEN)
        fault_misuse(L, "inject: a frame on this wire has %d to %u bytes, not %zu", FRAME_ETH_LEN,
                     w.wire->mtu + FRAME_ETH_LEN, len);
    uint64_t id = entry_inject(w.port, frame, (uint32_t)len, 0, ORIGIN_SCENE, task_here(L));
    lua_pushinteger(L, (lua_Integer)id);
    return 1;
}

void bind_inject(lua_State *L)
{
    static const luaL_Reg sys[] = {{"inject", sys_inject}, {NULL, NULL}};
    luaL_setfuncs(L, sys, 0);
}
