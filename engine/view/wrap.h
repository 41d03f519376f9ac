// wrap: text broken into lines of so many columns.
#pragma once

#include <stddef.h>

// Bytes of the first line of `text` that fit into `columns`, without the blanks at its end; *next
// is where the following line starts (`len`: there is none). Breaks at blanks; where there are
// none, at no-break blanks (U+00A0), then within the word. Newlines are kept.
size_t wrap_line(const char *text, size_t len, size_t columns, size_t *next);

size_t wrap_count(const char *text, size_t len, size_t columns); // lines, at least 1
