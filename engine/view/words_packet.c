// Implementation of words.h: packets.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/width.h"
#include "event/addr.h"
#include "event/fields.h"
#include "view/words.h"

__attribute__((format(printf, 3, 4))) static struct words_part *
add(struct words_packet *packet, int level, const char *format, ...)
{
    if (packet->count == WORDS_PARTS)
        return NULL;
    struct words_part *part = &packet->parts[packet->count++];
    va_list args;
    va_start(args, format);
    vsnprintf(part->text, sizeof part->text, format, args);
    va_end(args);
    part->level = level;
    return part;
}

#define WIDE 32 // columns from which even what is hardly ever looked at is told

static void brief(struct words_part *part, const char *text)
{
    if (part)
        snprintf(part->brief, sizeof part->brief, "%s", text);
}

static void add_note(const struct words *w, const struct event_packet *p,
                     struct words_packet *packet)
{
    static const char *const kinds[][2] = {
        [KIND_NONE] = {"", ""},
        [KIND_RTO] = {"RTO", "RTO"},
        [KIND_TLP] = {"TLP", "TLP"},
        [KIND_SYN] = {"SYN timer", "SYN 타이머"},
        [KIND_PROBE] = {"probe", "probe"},
    };
    switch (p->note) {
    case NOTE_RETRANSMISSION:
        add(packet, 0, "%s", w->unicode ? "↻" : "again");
        packet->stands_out = true;
        if (p->kind == KIND_FAST)
            brief(add(packet, 0, "fast retransmit"), "fast");
        else if (p->kind != KIND_NONE) // why it was repeated is what scenes about loss show
            add(packet, p->kind == KIND_SYN ? 2 : 0, "%s", kinds[p->kind][w->korean]);
        else
            add(packet, 3, "%s", words_pick(w, "retransmission", "재전송"));
        break;
    case NOTE_OUT_OF_ORDER:
        add(packet, 2, "%s", words_pick(w, "out of order", "순서 바뀜"));
        break;
    case NOTE_WINDOW_UPDATE:
        add(packet, 3, "window update");
        break;
    case NOTE_WINDOW_PROBE:
        brief(add(packet, 0, "window probe"), "probe");
        break;
    case NOTE_KEEPALIVE:
        add(packet, 0, "keepalive");
        break;
    default:
        if (p->origin == ORIGIN_TIMER)
            add(packet, 3, "%s", words_pick(w, "timer", "타이머"));
        break;
    }
}

// That no kernel has sent it must be seen.
static void add_origin(const struct words *w, const struct event_packet *p,
                       struct words_packet *packet)
{
    if (p->origin == ORIGIN_WIRE)
        add(packet, 1, "%s", words_pick(w, "by the wire", "선이 보냄"));
    else if (p->origin == ORIGIN_SCENE)
        add(packet, 1, "%s", words_pick(w, "injected", "주입됨"));
}

// What a router has made of its addresses, or will make the usual ones of.
static void add_rewritten(const struct words *w, const struct event_packet *p,
                          struct words_packet *packet)
{
    struct buf text = {0};
    if (p->rewritten == REWRITTEN_FROM || p->rewritten == REWRITTEN_BOTH) {
        buf_text(&text, words_pick(w, "from ", "출발 "));
        words_address(w, &text, &p->from_address);
    }
    if (p->rewritten == REWRITTEN_TO || p->rewritten == REWRITTEN_BOTH) {
        buf_text(&text, text.len ? " " : "");
        buf_text(&text, words_pick(w, "to ", "도착 "));
        words_address(w, &text, &p->to_address);
    }
    // The handshake shows it, whatever else there is no room for.
    if (text.len)
        brief(add(packet, p->flags & TCP_SYN ? 0 : 2, "%s", buf_string(&text)), "NAT");
    buf_fini(&text);
}

static void add_sack(const struct event *e, struct words_packet *packet)
{
    const struct event_packet *p = &e->as.packet;
    if (p->sack.len < 2 * sizeof(uint64_t))
        return;
    uint64_t edges[2];
    memcpy(edges, event_bytes(e, p->sack), sizeof edges);
    add(packet, 2, "sack %llu-%llu", (unsigned long long)edges[0],
        (unsigned long long)edges[1] - 1);
}

static void describe_data(const struct event_packet *p, struct words_packet *packet)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%u", p->len);
    brief(add(packet, 0, "len %u", p->len), digits);
    add(packet, 1, "seq %u", p->seq);
    add(packet, 4, "ack %u", p->ack);
}

static void describe_tcp(const struct words *w, const struct event *e, struct words_packet *packet)
{
    const struct event_packet *p = &e->as.packet;
    const char *ack = p->flags & TCP_ACK ? " ACK" : "";
    packet->stands_out = p->flags & (TCP_SYN | TCP_FIN | TCP_RST);
    bool repeated = p->note == NOTE_RETRANSMISSION;
    if (repeated)
        add_note(w, p, packet);
    if (p->flags & TCP_RST) {
        brief(add(packet, 0, "RST%s", ack), "RST");
        add(packet, 3, "seq %u", p->seq);
    } else if (p->flags & TCP_SYN) {
        add(packet, 0, "SYN%s", ack);
        if (p->protocols & PROTOCOL_IPV6)
            add(packet, 2, "IPv6");
        if (p->mss)
            add(packet, 1, "mss %u", p->mss);
    } else if (p->flags & TCP_FIN) {
        add(packet, 0, "FIN");
        if (p->len)
            describe_data(p, packet);
        else
            add(packet, 1, "seq %u", p->seq);
        if (!p->len)
            add(packet, 4, "ack %u", p->ack);
    } else if (p->len) {
        if (p->flags & TCP_PSH)
            add(packet, 3, "PSH");
        describe_data(p, packet);
    } else {
        bool is_duplicate = p->note == NOTE_DUPLICATE_ACK;
        brief(add(packet, 0, "%sACK %u", is_duplicate ? "dup " : "", p->ack),
              is_duplicate ? "dup ACK" : "ACK");
        add_sack(e, packet);
    }
    if (p->window == 0 && !(p->flags & TCP_RST))
        add(packet, 0, "win 0");
    else if (!(p->flags & TCP_RST))
        add(packet,
            p->note == NOTE_WINDOW_UPDATE ? 1
            : p->flags & TCP_SYN          ? 2
                                          : 4,
            "win %u", p->window);
    if (p->flags & TCP_SYN && p->window_scale != EVENT_NONE)
        add(packet, 4, "ws %d", p->window_scale);
    if (!repeated)
        add_note(w, p, packet);
}

// "UDP :54": the packet that an error is about, by where it went.
static void add_about(const struct event_packet *p, struct words_packet *packet)
{
    const char *name = p->about_protocols & PROTOCOL_TCP                        ? "TCP"
                       : p->about_protocols & PROTOCOL_UDP                      ? "UDP"
                       : p->about_protocols & (PROTOCOL_ICMP | PROTOCOL_ICMPV6) ? "ICMP"
                                                                                : "IP";
    if (p->about_to.port)
        add(packet, 2, "(%s :%u)", name, p->about_to.port);
    else
        add(packet, 2, "(%s)", name);
}

static void describe_icmp(const struct event_packet *p, struct words_packet *packet)
{
    bool known = p->icmp != MESSAGE_NONE && p->icmp != MESSAGE_OTHER;
    add(packet, known ? 2 : 0, "ICMP");
    if (known)
        brief(add(packet, 0, "%s", names_of_icmp[p->icmp]), "ICMP");
    else
        add(packet, 1, "type %u code %u", p->icmp_type, p->icmp_code);
    if (p->icmp_mtu)
        add(packet, 1, "mtu %u", p->icmp_mtu);
    if (p->icmp_seq != EVENT_NONE) {
        add(packet, 3, "id %d", p->icmp_id);
        add(packet, 1, "seq %d", p->icmp_seq);
    }
    if (p->about_to.family)
        add_about(p, packet);
}

// Where in its IP packet a fragment stands; more follow it where there is a plus.
static void add_fragment(const struct event_packet *p, struct words_packet *packet)
{
    if (p->fragment != EVENT_NONE)
        add(packet, 1, "frag %d%s", p->fragment, p->more_fragments ? "+" : "");
}

static void describe_arp(const struct event *e, struct words_packet *packet)
{
    const struct event_packet *p = &e->as.packet;
    char text[ADDR_TEXT];
    const char *bytes = event_bytes(e, p->frame);
    bool reply = p->frame.len >= 22 && bytes[21] == 2; // RFC 826: operation, the field at 20
    add(packet, 0, "ARP");
    if (reply)
        add(packet, 1, "%s is here", addr_text(&p->from_address, text));
    else
        add(packet, 1, "who has %s?", addr_text(&p->to_address, text));
}

void words_packet(const struct words *w, const struct event *e, struct words_packet *packet)
{
    const struct event_packet *p = &e->as.packet;
    *packet = (struct words_packet){0};
    if (w->name_conns && p->conn)
        add(packet, 0, "c%u", p->conn);
    if (p->protocols & PROTOCOL_TCP) {
        describe_tcp(w, e, packet);
    } else if (p->protocols & PROTOCOL_UDP) {
        add(packet, 0, "UDP");
        brief(add(packet, 0, "len %u", p->len), "");
        add_fragment(p, packet);
        add(packet, 2, ":%u", p->to_address.port);
    } else if (p->protocols & (PROTOCOL_ICMP | PROTOCOL_ICMPV6)) {
        describe_icmp(p, packet);
    } else if (p->protocols & PROTOCOL_ARP) {
        describe_arp(e, packet);
    } else {
        add(packet, 0, "%s", p->protocols & (PROTOCOL_IP | PROTOCOL_IPV6) ? "IP" : "frame");
        add_fragment(p, packet);
        bool is_fragment = p->fragment != EVENT_NONE;
        add(packet, is_fragment ? 2 : 1, "len %u", is_fragment ? p->len : p->frame_len);
    }
    add_rewritten(w, p, packet);
    add_origin(w, p, packet);
}

void words_packet_name(struct words_packet *packet, const char *host)
{
    add(packet, 1, "(%s)", host);
}

static bool join(const struct words_packet *packet, int level, bool is_brief, const char *between,
                 size_t columns, struct buf *out)
{
    size_t before = out->len;
    for (size_t i = 0; i < packet->count; i++) {
        const struct words_part *part = &packet->parts[i];
        if (part->level > level)
            continue;
        if (out->len > before)
            buf_text(out, between);
        buf_text(out, is_brief && part->brief[0] ? part->brief : part->text);
    }
    if (width_of(out->ptr + before, out->len - before) <= columns)
        return true;
    out->len = before;
    return false;
}

bool words_fit(const struct words_packet *packet, size_t columns, struct buf *out)
{
    const char *between = columns < WIDE ? " " : "  ";
    for (int level = columns < WIDE ? 3 : 4; level >= 0; level--)
        if (join(packet, level, false, between, columns, out))
            return true;
    return join(packet, 0, true, " ", columns, out);
}
