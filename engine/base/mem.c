// Implementation of mem.h.
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void *mem_new(size_t size)
{
    void *p = calloc(1, size ? size : 1);
    if (!p)
        abort();
    return p;
}

void *mem_resize(void *old, size_t size)
{
    void *p = realloc(old, size ? size : 1);
    if (!p)
        abort();
    return p;
}

char *mem_text(const char *text, size_t len)
{
    char *copy = mem_new(len + 1);
    if (len)
        memcpy(copy, text, len);
    return copy;
}
