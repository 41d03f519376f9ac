// Implementation of block.h.
#include "record/block.h"

#include <string.h>

#include "base/utf8.h"

enum { OPTION_MAX = UINT16_MAX };

void block_u16(struct buf *out, uint16_t value)
{
    buf_put(out, &value, sizeof value);
}

void block_u32(struct buf *out, uint32_t value)
{
    buf_put(out, &value, sizeof value);
}

void block_bytes(struct buf *out, const void *bytes, size_t len)
{
    buf_put(out, bytes, len);
    buf_fill(out, 0, -len & 3);
}

size_t block_open(struct buf *out, enum block_type type)
{
    size_t opened = out->len;
    block_u32(out, (uint32_t)type);
    block_u32(out, 0); // its length, known at the end
    return opened;
}

void block_close(struct buf *out, size_t opened)
{
    uint32_t len = (uint32_t)(out->len - opened) + 4;
    block_u32(out, len);
    memcpy(out->ptr + opened + 4, &len, sizeof len);
}

void block_option(struct buf *out, enum block_option code, const void *value, size_t len)
{
    if (len > OPTION_MAX)
        len = OPTION_MAX;
    block_u16(out, (uint16_t)code);
    block_u16(out, (uint16_t)len);
    block_bytes(out, value, len);
}

void block_option_text(struct buf *out, enum block_option code, const char *text, size_t len)
{
    len = strnlen(text, len);
    if (len > OPTION_MAX)
        len = utf8_cut(text, len, OPTION_MAX);
    if (len)
        block_option(out, code, text, len);
}

void block_option_end(struct buf *out)
{
    block_u32(out, 0);
}
