// buf: bytes that grow at the end.
//
// Owns its bytes. A zeroed struct is an empty buffer. `ptr` moves when it grows.
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

struct buf {
    char *ptr;  // (owned) NULL while nothing was ever put in
    size_t len; // bytes in use
    size_t cap; // bytes allocated
};

void buf_fini(struct buf *b);             // frees, leaves an empty buffer
void buf_reset(struct buf *b);            // empty, keeps the memory
void buf_grow(struct buf *b, size_t len); // for buf_room()
void buf_fill(struct buf *b, char byte, size_t times);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args);
void buf_drop(struct buf *b, size_t len); // takes len bytes from the front
const char *buf_string(struct buf *b);    // the bytes with a NUL behind them (not counted in len)

// Lines of JSON are made of many small pieces, so putting one in is inline.

// At least len bytes behind the end, to be filled; then add to b->len.
static inline char *buf_room(struct buf *b, size_t len)
{
    if (b->cap - b->len < len)
        buf_grow(b, len);
    return b->ptr + b->len;
}

static inline void buf_put(struct buf *b, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    memcpy(buf_room(b, len), bytes, len);
    b->len += len;
}

static inline void buf_text(struct buf *b, const char *text) // up to its NUL
{
    buf_put(b, text, strlen(text));
}

static inline void buf_byte(struct buf *b, char byte)
{
    *buf_room(b, 1) = byte;
    b->len++;
}
