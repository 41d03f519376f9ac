// init: process 1 of a host's userland. Starts the programs that the front asks for, ends them when
// it is told to, and buries whoever dies there, orphans too.
//
// It speaks over one control socket (event/control.h), and ends when that is closed.
#pragma once

#include <stdint.h>

_Noreturn void init_run(int control, uint32_t host, const char *name, const char *hosts);
