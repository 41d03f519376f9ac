// utf8: letters of UTF-8 text (RFC 3629).
#pragma once

#include <stddef.h>
#include <stdint.h>

// Bytes of the letter at the start of `text`, its code point in *code (may be NULL). 0 if there is
// none: the end, a stray or missing continuation, an overlong form, a surrogate, or more than
// U+10FFFF.
size_t utf8_letter(const char *text, size_t len, uint32_t *code);

// How many bytes at the start are sound UTF-8; `len` if all of it is.
size_t utf8_sound(const char *text, size_t len);

// The longest prefix of at most `room` bytes that ends between letters. `text` must be sound.
size_t utf8_cut(const char *text, size_t len, size_t room);
