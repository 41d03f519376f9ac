// language: the words that scenes are written in, told to people.
//
// All of it comes from the definitions in language/wirescene.lua, which editors use too; the
// program language/reference.lua reads them.
#pragma once

#include <stddef.h>

#include "base/buf.h"

enum language_form {
    LANGUAGE_LIST, // all words, a line each
    LANGUAGE_WORD, // one of them: what it takes and gives, how it fails, an example
    LANGUAGE_PAGE  // everything, in Markdown
};

// Appends the text in lines of `width` columns (LANGUAGE_PAGE: as long as they are). `word` is for
// LANGUAGE_WORD. Returns -1 if there is no such word.
int language_tell(struct buf *out, enum language_form form, const char *word, size_t width);
