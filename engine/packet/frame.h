// frame: what stands in an Ethernet frame, and frames to answer with.
//
// Pure: bytes in, values out. Sources: IEEE 802.3, RFC 826 (ARP), RFC 791 (IPv4), RFC 8200 (IPv6),
// RFC 9293 (TCP), RFC 7323 (window scale, timestamps), RFC 2018 (SACK), RFC 768 (UDP), RFC 792 and
// 4443 (ICMP). Not looked into: tagged frames (802.1Q), tunnels, reassembled fragments.
#pragma once

#include "event/event.h"

#define FRAME_ETH_LEN 14
#define FRAME_SACK_MAX 4

// Values of one frame. Numbers in host byte order. Offsets count from the start of the frame.
struct frame {
    uint32_t protocols; // PROTOCOL_…, outermost to innermost found; a broken layer ends the list
    uint32_t len;       // bytes of the whole frame
    uint8_t dst[6], src[6];
    uint16_t ethertype;
    struct addr from, to; // IP addresses, with the ports of TCP or UDP; for ARP sender and target
                          // protocol address
    uint8_t ttl;          // hop limit of IPv6
    uint8_t ip_protocol;
    uint8_t ecn;                        // two bits of the traffic class
    uint16_t fragment_offset;           // bytes; not 0: no header of TCP/UDP/ICMP in it
    bool more_fragments, dont_fragment; // dont_fragment: of IPv4
    uint32_t fragment_id;               // the same for all fragments of a packet; 0: it is whole
    uint16_t ip_id;                     // of IPv4
    uint32_t payload_off,
        payload_len; // behind the innermost header; len by the IP header, not by padding
    // ARP
    uint16_t arp_operation; // 1 request, 2 reply
    // TCP
    uint8_t flags;
    uint32_t seq, ack;
    uint16_t window;     // as in the header, not scaled
    uint16_t mss;        // 0: no such option
    int8_t window_scale; // -1: no such option
    bool sack_permitted, timestamps;
    uint32_t ts_value, ts_echo;
    uint8_t sack_count;
    uint32_t sack[FRAME_SACK_MAX][2]; // left and right edge
    // ICMP, ICMPv6
    uint8_t icmp_type, icmp_code;
    enum message message;
    uint32_t icmp_rest;       // the second word of its header: identifier and number, or an MTU
    uint32_t about_protocols; // of the packet quoted in an ICMP error
    struct addr about_from, about_to; // the same, with ports; family 0: none
};

// Never fails: what cannot be read is absent from `protocols`. Reads nothing beyond `len`, which
// must be the whole frame: an IP packet that claims to be longer is broken (what ICMP quotes may be
// cut).
void frame_parse(struct frame *f, const uint8_t *bytes, uint32_t len);

// What an ICMP message of that type and code says (RFC 792, RFC 1191), or one of ICMPv6 (RFC 4443,
// RFC 4861).
enum message frame_message_of(bool ipv6, uint8_t type, uint8_t code);

// PROTOCOL_… of what the IP packet holds, also of a fragment without its header; 0: another, or no
// IP.
uint32_t frame_transport(const struct frame *f);

// Whether the checksums of IP and of TCP, UDP or ICMP are right, as far as the frame has them (a
// fragment has no checksum of its own behind that of IPv4; UDP over IPv4 may go without).
bool frame_checksums_ok(const uint8_t *bytes, uint32_t len);

#define FRAME_ARP_LEN 42

// The answer to the ARP request in `request` (PROTOCOL_ARP, arp_operation 1), sent to where its
// frame came from:
// "`mac` has the address you asked for".
void frame_arp_reply(const struct frame *request, const uint8_t mac[6],
                     uint8_t reply[FRAME_ARP_LEN]);

// Type and code of the message, over IPv4 or IPv6; false: it has none of its own.
bool frame_message(enum message message, bool ipv6, uint8_t *type, uint8_t *code);
