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

// How it is played.
struct trial_options {
    bool choices;   // also with every other choice of its params, all combined: 64 plays at most
    int64_t cue_ns; // each cue takes so long, as in front of people
    const struct allowance *allowance; // real programs
};

// Plays the scene until something fails.
void trial_run(const char *path, const struct trial_options *options, struct verdict *v);
