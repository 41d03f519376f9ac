// programs: the real programs of a scene that run, and the userlands (kernel/userland.h) in which
// they do.
//
// The front starts them for the stage, as far as they are permitted. What they print and how they
// end goes on to the stage, which makes events of it.
#pragma once

#include <ev.h>

#include "command/permits.h"

struct programs;

// `control` leads to the stage, `user_ns` is its user namespace or -1; all borrowed.
struct programs *programs_new(struct ev_loop *loop, int control, int user_ns,
                              const struct permits *permits);
void programs_free(struct programs *p); // ends all that run; NULL is nothing

// Takes a message of the stage; nothing if it is about something else.
void programs_take(struct programs *p, struct control_message *m);
