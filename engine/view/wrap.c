// Implementation of wrap.h.
#include "view/wrap.h"

#include <string.h>

#include "base/width.h"

// Where a line of at most `fits` bytes is best broken: at a blank, else at a no-break blank, else
// behind a bracket or colon.
static size_t find_break(const char *text, size_t fits)
{
    for (size_t at = fits; at > 0; at--)
        if (text[at] == ' ')
            return at;
    for (size_t at = fits; at > 0; at--)
        if (memcmp(text + at, "\xc2\xa0", 2) == 0)
            return at;
    for (size_t at = fits; at > 1; at--)
        if (text[at - 1] == '(' || text[at - 1] == ':' || text[at - 1] == '/')
            return at;
    return fits;
}

static size_t blank_at(const char *text, size_t len)
{
    if (len > 0 && text[0] == ' ')
        return 1;
    return len > 1 && memcmp(text, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

size_t wrap_line(const char *text, size_t len, size_t columns, size_t *next)
{
    const char *newline = len ? memchr(text, '\n', len) : NULL; // an empty buf has no bytes at all
    size_t whole = newline ? (size_t)(newline - text) : len;
    size_t fits = width_cut(text, whole, columns, NULL);
    if (fits == whole) {
        *next = newline ? whole + 1 : len;
    } else {
        // Not even one letter: give it all the same, so that the text ends some time.
        fits = fits ? find_break(text, fits) : width_letter(text, whole, &(size_t){0});
        *next = fits;
        for (size_t n; (n = blank_at(text + *next, whole - *next)) > 0;)
            *next += n;
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
