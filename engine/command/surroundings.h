// surroundings: what of the user's own set-up matters to scenes: terminal, letters, temporary
// folder, browser, limits.
#pragma once

#include "command/finding.h"

// Adds a row each. `options` are what terminal_look() saw; it has set the locale too.
void surroundings_look(struct findings *list, const struct view_options *options);
