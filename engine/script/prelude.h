// prelude: Lua files that are built into the binary: the part of the language that is written in
// Lua (script/prelude/*.lua), and what tells of the language (script/language/*.lua).
#pragma once

#include <stddef.h>

struct prelude_file {
    const char *name; // "net"; NULL ends the list
    const char *text;
    size_t len;
};

// In alphabetical order, so that globals.lua comes first: the others use what it defines.
extern const struct prelude_file prelude_files[];
extern const struct prelude_file language_files[];
