// units: times and sizes as people write them.
//
// Bare numbers are seconds and bytes. Units: ns us ms s m h · B KiB MiB GiB kB MB GB.
#pragma once

#include <stdint.h>

#include "base/err.h"

// Nanoseconds of "20ms", "1.5s", "2"; refuses negative times and those of more than 10 years.
int units_time(const char *text, int64_t *ns, struct err *err);

// Bytes of "64KiB", "1500"; refuses negative sizes and those of more than 2^53.
int units_size(const char *text, int64_t *bytes, struct err *err);
