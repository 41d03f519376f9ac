// front: the other half of a stage process that the bench starts: takes its events as the real
// front does, through the spool, and counts them.
#pragma once

#include <stdbool.h>

#include "event/ring.h"

// Runs `stage(arg)` in a process of its own until it ends, with `ring` (freed here) to write to,
// and prints what it did as one line of JSON. `bare`: a plain fork, so that tools like valgrind can
// follow it; else confined as a scene is. `kept`: a descriptor that the stage needs, -1: none.
// Returns the program's exit status.
int front_run(int (*stage)(void *arg), void *arg, struct ring *ring, bool bare, int kept);
