// block: the blocks and options of a pcapng file (IETF draft-ietf-opsawg-pcapng), in the byte order
// of this machine.
//
// Everything is appended to a buffer. A block is opened, filled, and closed; options come last in
// it.
#pragma once

#include <stdint.h>

#include "base/buf.h"

enum block_type {
    BLOCK_INTERFACE = 1,
    BLOCK_NAMES = 4,
    BLOCK_PACKET = 6,
    BLOCK_SECTION = 0x0a0d0d0a,
};

enum block_option {
    OPTION_COMMENT = 1,
    OPTION_SECTION_OS = 3,
    OPTION_SECTION_PROGRAM = 4,
    OPTION_INTERFACE_NAME = 2,
    OPTION_INTERFACE_DESCRIPTION = 3,
    OPTION_INTERFACE_IPV4 = 4, // address and mask
    OPTION_INTERFACE_IPV6 = 5, // address and length of the prefix
    OPTION_INTERFACE_MAC = 6,
    OPTION_INTERFACE_RESOLUTION = 9,
    OPTION_PACKET_FLAGS = 2,
    OPTION_PACKET_ID = 5,
};

size_t block_open(struct buf *out, enum block_type type); // returns what block_close wants
void block_close(struct buf *out, size_t opened);

void block_u16(struct buf *out, uint16_t value);
void block_u32(struct buf *out, uint32_t value);
void block_bytes(struct buf *out, const void *bytes, size_t len); // padded to words of four bytes

// An option; cut to the 65535 bytes that one can have.
void block_option(struct buf *out, enum block_option code, const void *value, size_t len);

// An option of sound UTF-8, cut between letters and before a NUL; none if that leaves it empty.
void block_option_text(struct buf *out, enum block_option code, const char *text, size_t len);

void block_option_end(struct buf *out); // after the last option, if there was any
