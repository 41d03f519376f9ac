// Implementation of width.h, on utf8proc.
#include "base/width.h"

#include <utf8proc.h>

size_t width_letter(const char *text, size_t len, size_t *columns)
{
    utf8proc_int32_t letter;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &letter);
    if (n <= 0) {
        *columns = 1;
        return 1;
    }
    *columns = (size_t)utf8proc_charwidth(letter);
    return (size_t)n;
}

size_t width_of(const char *text, size_t len)
{
    size_t total = 0;
    for (size_t i = 0, columns; i < len; total += columns)
        i += width_letter(text + i, len - i, &columns);
    return total;
}

size_t width_cut(const char *text, size_t len, size_t columns, size_t *used)
{
    size_t i = 0, total = 0;
    while (i < len) {
        size_t w, n = width_letter(text + i, len - i, &w);
        if (total + w > columns)
            break;
        i += n;
        total += w;
    }
    if (used)
        *used = total;
    return i;
}
