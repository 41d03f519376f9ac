// direction_options: the settings of a direction by their names in the language, from text and to
// text.
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "packet/direction.h"

#define DIRECTION_OPTION_TEXT 64

const char *direction_option_name(size_t i); // from 0; NULL behind the last

// 1: set; 0: there is no such option; -1: it is no such value. Zero clears.
int direction_option_set(struct direction_settings *s, const char *name, const char *value,
                         struct err *err);

bool direction_options_same(const struct direction_settings *a, const struct direction_settings *b);

// The value of the i-th as the language has it; false if it is not set.
bool direction_option_text(const struct direction_settings *s, size_t i,
                           char text[DIRECTION_OPTION_TEXT]);
