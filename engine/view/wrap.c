// Implementation of wrap.h.
#include "view/wrap.h"

#include <string.h>

#include "base/width.h"

size_t wrap_line(const char *text, size_t len, size_t columns, size_t *next)
{
    const char *newline = memchr(text, '\n', len);
    size_t whole = newline ? (size_t)(newline - text) : len;
    size_t fits = width_cut(text, whole, columns, NULL);
    if (fits == whole) {
        *next = newline ? whole + 1 : len;
    } else {
        size_t at = fits;
        while (at > 0 && text[at] != ' ')
            at--;
        if (at > 0)
            fits = at;
        else if (fits == 0) // not even one letter: give it all the same, so that the text ends some time
            fits = width_letter(text, whole, &(size_t){0});
        *next = fits;
        while (*next < whole && text[*next] == ' ')
            ++*next;
    }
    while (fits > 0 && text[fits - 1] == ' ')
        fits--;
    return fits;
}

size_t wrap_count(const char *text, size_t len, size_t columns)
{
    size_t lines = 0, next;
    do {
        wrap_line(text, len, columns, &next);
        text += next;
        len -= next;
        lines++;
    } while (len > 0);
    return lines;
}
