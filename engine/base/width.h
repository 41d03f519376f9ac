// width: how many terminal columns UTF-8 text takes (Korean letters take two, combining marks
// none).
//
// Source: Unicode East Asian Width (UAX #11) as utf8proc has it. Bytes that are no UTF-8 count as
// one column each.
#pragma once

#include <stddef.h>

// Columns of the whole text.
size_t width_of(const char *text, size_t len);

// The longest prefix, in bytes, that takes at most `columns`; its columns in *used (may be NULL).
// Never cuts a letter or separates it from its combining marks.
size_t width_cut(const char *text, size_t len, size_t columns, size_t *used);

// Bytes of the letter at the start of `text` (1 for a byte that is no UTF-8), its columns in
// *columns.
size_t width_letter(const char *text, size_t len, size_t *columns);
