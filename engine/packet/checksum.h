// checksum: the Internet checksum (RFC 1071), which IPv4, TCP, UDP and ICMP use.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Adds bytes to a running sum (0 at first). All parts but the last must have an even length.
uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len);

// The checksum of all that was added, host byte order: what belongs into the field if that was
// zero, and 0 if the field was included and is right.
uint16_t checksum_end(uint32_t sum);
