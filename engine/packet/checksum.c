// Implementation of checksum.h.
#include "packet/checksum.h"

uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    uint64_t total = sum;
    for (; len > 1; at += 2, len -= 2)
        total += (uint32_t)at[0] << 8 | at[1];
    if (len)
        total += (uint32_t)at[0] << 8;
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return (uint32_t)total;
}

uint16_t checksum_end(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}
