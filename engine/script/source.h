// source: what can be told of a scene from its text, without running it.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Lines on which `word` is called as a function, outside comments and texts; at most `most` of
// them. Returns how many.
size_t source_calls(const char *text, size_t len, const char *word, uint32_t *lines, size_t most);
