// exec: one program in a host's userland takes the place of a process, with few rights.
//
// It may use the host's network as its administrator (NET_ADMIN, NET_RAW, NET_BIND_SERVICE as
// ambient capabilities, see capabilities(7)), and nothing else that an ordinary user may not.
// Root's programs run as nobody, so that they see what everybody may see, and do the same for
// everybody.
#pragma once

#include "event/launch.h"

struct exec_setup {
    const struct launch *launch;
    int file; // the program
    int in, out, err;
    const char *terminal; // the type of the terminal that these three are; NULL: they are none
};

// In a child. What fails is written to `report` as an errno; which is closed when the program runs.
_Noreturn void exec_program(const struct exec_setup *setup, int report);

void exec_give_file(int fd); // to the user that programs run as
