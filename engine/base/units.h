// units: times, sizes, rates and shares as people write them.
//
// Bare numbers are seconds, bytes, bits a second, and parts of one. Units: ns us ms s m h · B KiB
// MiB GiB kB MB GB · bit kbit mbit gbit (of 1000) · %.
#pragma once

#include <stdint.h>

#include "base/err.h"

// Nanoseconds of "20ms", "1.5s", "2"; refuses negative times and those of more than 10 years.
int units_time(const char *text, int64_t *ns, struct err *err);

// Bytes of "64KiB", "1500"; refuses negative sizes and those of more than 2^53.
int units_size(const char *text, int64_t *bytes, struct err *err);

// Bits a second of "10mbit"; refuses those over 10^12.
int units_rate(const char *text, int64_t *bits, struct err *err);

// 0.01 of "1%" or "0.01"; from 0 to 1.
int units_share(const char *text, double *share, struct err *err);
