// programs: the real programs of a scene, as far as the front has to do with them: which of them
// the user allows, where they are, and the userlands (kernel/userland.h) in which they run.
//
// What programs print and how they end goes on to the stage, which makes events of it.
#pragma once

#include <ev.h>
#include <stdbool.h>

#include "base/err.h"
#include "event/control.h"

// What the user said on the command line.
struct allowance {
    const char **programs; // (owned) of --allow-run: names, or paths
    size_t count;
    bool ask; // somebody is there to be asked about others
};
void allowance_add(struct allowance *a, const char *program); // borrowed
void allowance_fini(struct allowance *a);

struct programs;

// `control` leads to the stage, `user_ns` is its user namespace or -1; both borrowed.
struct programs *programs_new(struct ev_loop *loop, int control, int user_ns,
                              const struct allowance *allowance);
void programs_free(struct programs *p); // ends all that run; NULL is nothing

// Takes a message of the stage; false: it is not about programs.
bool programs_take(struct programs *p, struct control_message *m);

// A question to the user that waits for yes or no; NULL: none does.
const char *programs_question(const struct programs *p);
void programs_answer(struct programs *p, bool yes);

// Why a program could not be had: not there, or not allowed; NULL: none was refused.
const char *programs_refusal(const struct programs *p);
