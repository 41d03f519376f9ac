// Implementation of neighbour.h.
#include "stage/neighbour.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kernel/iface.h"
#include "packet/build.h"
#include "stage/stage.h"

// Types of ICMPv6 (IANA).
enum {
    LISTENER_QUERY = 130,
    LISTENER_REPORT = 131,
    LISTENER_DONE = 132,
    ROUTER_SOLICITATION = 133,
    NEIGHBOUR_SOLICITATION = 135,
    NEIGHBOUR_ADVERTISEMENT = 136,
    LISTENER_REPORT_2 = 143,
};

#define ADVERTISEMENT_FLAGS 0x60000000u // solicited, override (RFC 4861, 4.4)

// The other port of the wire with that address; NULL: none has it.
static const struct port *find(const struct port *from, const struct addr *address)
{
    const struct port *port = stage_port_of(from->wire->stage, address);
    return port && port != from && port->wire == from->wire ? port : NULL;
}

static void put_in(const struct port *port, const uint8_t *bytes, size_t len)
{
    while (write(port->tap, bytes, len) < 0 && errno == EINTR)
        ;
}

// The kernel of the asker knows it for good. Failing that, it still gets the answer.
static void introduce(const struct port *asker, const struct port *asked,
                      const struct addr *address)
{
    if (host_enter(asker->host, NULL) == 0)
        iface_neighbour(asker->end.name, address, asked->end.mac, NULL);
}

static void answer_arp(struct port *port, const struct frame *f)
{
    const struct port *asked = find(port, &f->to);
    uint8_t reply[FRAME_ARP_LEN];
    if (f->arp_operation != 1 || !asked)
        return;
    introduce(port, asked, &f->to);
    frame_arp_reply(f, asked->end.mac, reply); // for programs that ask themselves
    put_in(port, reply, sizeof reply);
}

static void answer_solicitation(struct port *port, const struct frame *f, const uint8_t *bytes)
{
    struct addr target = {.family = 6};
    uint8_t payload[24] = {[16] = 2, [17] = 1}; // the target, its link-layer address (4.6.1)
    uint8_t reply[FRAME_ETH_LEN + 128];
    if (f->payload_len < 16)
        return;
    memcpy(target.bytes, bytes + f->payload_off, 16);
    const struct port *asked = find(port, &target);
    if (!asked)
        return;
    introduce(port, asked, &target);
    memcpy(payload, target.bytes, 16);
    memcpy(payload + 18, asked->end.mac, 6);
    struct frame answer = {.protocols = PROTOCOL_ETH | PROTOCOL_IPV6 | PROTOCOL_ICMPV6,
                           .from = target,
                           .to = f->from,
                           .ttl = 255,
                           .payload_len = sizeof payload,
                           .icmp_type = NEIGHBOUR_ADVERTISEMENT,
                           .icmp_rest = ADVERTISEMENT_FLAGS};
    memcpy(answer.dst, port->end.mac, 6);
    memcpy(answer.src, asked->end.mac, 6);
    int len = build_frame(&answer, payload, reply, sizeof reply);
    if (len > 0)
        put_in(port, reply, (size_t)len);
}

static bool is_left_out(const struct frame *f)
{
    switch (f->icmp_type) {
    case LISTENER_QUERY:
    case LISTENER_REPORT:
    case LISTENER_DONE:
    case LISTENER_REPORT_2:
    case ROUTER_SOLICITATION:
        return true;
    default:
        return false;
    }
}

bool neighbour_take(struct port *port, const struct frame *f, const uint8_t *bytes)
{
    bool seen = port->host->arp;
    if (f->protocols & PROTOCOL_ARP && f->arp_operation != 2 && !seen) {
        answer_arp(port, f);
        return true;
    }
    if (!(f->protocols & PROTOCOL_ICMPV6))
        return false;
    if (is_left_out(f))
        return true;
    if (f->icmp_type != NEIGHBOUR_SOLICITATION || seen)
        return false;
    answer_solicitation(port, f, bytes);
    return true;
}

bool neighbour_tells(const struct frame *f)
{
    return (f->protocols & PROTOCOL_ARP && f->arp_operation == 2) ||
           (f->protocols & PROTOCOL_ICMPV6 && f->icmp_type == NEIGHBOUR_ADVERTISEMENT);
}
