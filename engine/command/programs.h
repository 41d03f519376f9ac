// programs: the real programs of a scene that run, and the userlands (kernel/userland.h) in which
// they do.
//
// The front starts them for the stage, as far as they are permitted. What they print and how they
// end goes on to the stage, which makes events of it.
#pragma once

#include <ev.h>
#include <stdbool.h>

#include "command/permits.h"

struct programs;

// `control` leads to the stage, `user_ns` is its user namespace or -1; all borrowed.
struct programs *programs_new(struct ev_loop *loop, int control, int user_ns,
                              const struct permits *permits);
void programs_free(struct programs *p); // ends all that run; NULL is nothing

// A shell for a visitor, which the stage knows as a program. `told` gets CONTROL_STARTED with the
// terminal as its descriptor, and at last CONTROL_FAILED or CONTROL_ENDED, or NULL if all of that
// host was lost. False: there is no such host.
bool programs_open_shell(struct programs *p, const struct control_shell *shell,
                         const char *terminal, void (*told)(void *, const struct control_message *),
                         void *arg);
void programs_end_shell(struct programs *p, uint32_t number); // and tells nobody any more
void programs_expect_shell(
    struct programs *p); // the stage will be asked for one, so it may show hosts

// Takes a message of the stage; nothing if it is about something else.
void programs_take(struct programs *p, struct control_message *m);
