// mem: heap memory for structures of known, small size.
//
// A process that cannot get it has nothing sensible left to do, so these abort instead of failing.
// What a scene can make large (Lua values, recordings) is allocated elsewhere, and may fail.
#pragma once

#include <stddef.h>

void *mem_new(size_t size);                   // zeroed; free()
void *mem_resize(void *old, size_t size);     // as realloc
char *mem_text(const char *text, size_t len); // a copy, with a NUL behind it
