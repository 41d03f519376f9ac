// Implementation of buf.h.
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void buf_fini(struct buf *b)
{
    if (!b)
        return;
    free(b->ptr);
    *b = (struct buf){0};
}

void buf_reset(struct buf *b)
{
    b->len = 0;
}

void buf_grow(struct buf *b, size_t len)
{
    size_t cap = b->cap ? b->cap * 2 : 256;
    while (cap - b->len < len)
        cap *= 2;
    b->ptr = mem_resize(b->ptr, cap);
    b->cap = cap;
}

void buf_fill(struct buf *b, char byte, size_t times)
{
    if (times == 0)
        return;
    memset(buf_room(b, times), byte, times);
    b->len += times;
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = b->cap - b->len;
    int n = vsnprintf(room ? b->ptr + b->len : NULL, room, format, args);
    if (n > 0 && (size_t)n >= room) {
        buf_room(b, (size_t)n + 1);
        vsnprintf(b->ptr + b->len, (size_t)n + 1, format, again);
    }
    if (n > 0)
        b->len += (size_t)n;
    va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

void buf_drop(struct buf *b, size_t len)
{
    if (len == 0)
        return;
    memmove(b->ptr, b->ptr + len, b->len - len);
    b->len -= len;
}

const char *buf_string(struct buf *b)
{
    *buf_room(b, 1) = '\0';
    return b->ptr;
}
