// broker: what the stage, which reaches nothing by itself, gets from the front: files beside the
// scene, real programs, real addresses, and shells for visitors; as far as the user permits.
#pragma once

#include <ev.h>
#include <stdbool.h>

#include "command/permits.h"

struct broker;

struct broker_setup {
    struct ev_loop *loop;
    int control, user_ns; // to the stage; its user namespace or -1
    const char *scene;    // name of its file
    const char *folder;   // where required files are looked for
    const struct allowance *allowance;
    bool visitors; // may come, from other terminals
};

struct broker *broker_new(const struct broker_setup *setup); // all in it is borrowed

// Programs, shells and connections end with the scene; NULL is nothing.
void broker_free(struct broker *b);

void broker_take(struct broker *b, struct control_message *m); // a message of the stage

// As permits.h has them.
const char *broker_question(const struct broker *b);
void broker_answer(struct broker *b, bool yes);
const char *broker_refusal(const struct broker *b);
