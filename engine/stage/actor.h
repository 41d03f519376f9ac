// actor: who in the story does something: main, a spawned actor, a handler of one connection.
//
// The stage knows no more of it than what events say; script/ has the rest.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// An operation of the script that may need several system calls, and may have to wait between them.
struct actor_op {
    uint64_t id;      // id of its first `blocked` event; 0: it has not blocked
    int64_t began_ns; // when it blocked first
    int64_t since_ns; // when it blocked last
    bool waiting;
    int error; // what the kernel said when it blocked last
};

struct actor {
    uint32_t number; // from 1
    uint16_t source; // where in the script it is now
    uint32_t line;
    struct actor_op op;
};
