// launch: what a real program is started with, as the bytes of one control message.
//
// Written in the stage, which nobody trusts; read in the front and in the host's userland.
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define LAUNCH_ARGS_MAX 256
#define LAUNCH_FILES_MAX 32

// A file that the program finds in its working directory; without a name: its standard input.
struct launch_file {
    const char *name, *text;
    uint32_t len;
};

struct launch {
    const char *path; // where the front has found the program; empty before
    uint32_t host;
    uint32_t arg_count, file_count;
    const char *args[LAUNCH_ARGS_MAX + 1]; // args[0]: the program's name; ended by NULL
    struct launch_file files[LAUNCH_FILES_MAX];
};

void launch_write(const struct launch *l, struct buf *bytes);

// Everything points into the bytes, behind which a NUL stands. -1: they are no launch.
int launch_read(struct launch *l, const char *bytes, size_t len, struct err *err);
