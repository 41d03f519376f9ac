// terminal: what standard output is like, for views.
#pragma once

#include "view/options.h"

// Width, colours, letters and language as the terminal and the environment have them. Sets the
// locale of the process.
void terminal_look(struct view_options *options);

void terminal_size(size_t *columns, size_t *rows); // of standard output; 0 if it is no terminal
