// prelude: the part of the language that is written in Lua (script/prelude/*.lua), built into the
// binary.
#pragma once

#include <stddef.h>

struct prelude_file {
    const char *name; // "net"; NULL ends the list
    const char *text;
    size_t len;
};

// In alphabetical order, so that globals.lua comes first: the others use what it defines.
extern const struct prelude_file prelude_files[];
