// clock: the one clock of a scene, CLOCK_MONOTONIC in nanoseconds.
#pragma once

#include <stdint.h>

#define CLOCK_US INT64_C(1000)
#define CLOCK_MS INT64_C(1000000)
#define CLOCK_S INT64_C(1000000000)

int64_t clock_now(void); // ns since an arbitrary start (the machine's boot)
