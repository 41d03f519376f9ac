// build: a frame from its values: the inverse of frame_parse().
//
// Pure. Lengths, checksums and what stands in between come out right by themselves. Options of TCP
// are put as Linux does; IP has none, and IPv6 no further headers.
#pragma once

#include "packet/frame.h"

#define BUILD_HEADERS_MAX 114 // Ethernet, IPv6, TCP with all its options

// Writes the frame that has these values (`protocols` says which layers; `len`, `ethertype` and
// `payload_off` are not looked at) and `payload` behind them. Returns its length, -1 if it has no
// room or IP cannot say how long it is.
int build_frame(const struct frame *f, const void *payload, uint8_t *out, size_t room);

// The ICMP error that tells the sender of `frame` that it is larger than `mtu` (RFC 1191, 4; RFC
// 4443, 3.2), as if it came from whom the frame is for. -1: none can be sent about it.
int build_too_big(const uint8_t *frame, uint32_t len, uint32_t mtu, uint8_t *out, size_t room);

// Makes the checksum of TCP, UDP or ICMP wrong, or that of IPv4 if there is none of these.
void build_spoil(uint8_t *frame, uint32_t len);
