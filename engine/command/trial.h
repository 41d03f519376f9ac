// trial: a scene played without an audience, and judged: its checks hold, and each was reached.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// What became of it; plain bytes, for a pipe.
struct verdict {
    int status;
    bool passed, skipped;
    bool no_wire;          // on this machine
    bool again;            // played a second time, since the machine disturbed it
    uint32_t plays;        // with different choices of its params
    uint32_t combinations; // of choices there are; counted until they are more than are played
    uint32_t checks, late;
    double seconds;
    char why[400]; // it did not pass
};

struct allowance;

// Plays the scene, with the real programs that are allowed; with `choices`, also with every other
// choice of its params, all combined (64 plays at most), until one fails.
void trial_run(const char *path, bool choices, const struct allowance *allowance,
               struct verdict *v);
