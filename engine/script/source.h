// source: what can be told of a scene from its text, without running it.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Lines on which `word` is called as a function, outside comments and texts; at most `most` of
// them. Returns how many.
size_t source_calls(const char *text, size_t len, const char *word, uint32_t *lines, size_t most);

// Hands over each name that is declared as a local variable, a loop's or a parameter; some come
// more than once.
void source_names(const char *text, size_t len,
                  void (*take)(void *arg, const char *name, size_t len), void *arg);
