// permits: which real programs a scene may run and which real addresses it may reach: what the user
// said on the command line, and what he answers when he is asked.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "event/control.h"

// What the user said on the command line.
struct allowance {
    const char **programs;  // (owned) of --allow-run: names, or paths
    const char **addresses; // (owned) of --allow-net: HOST:PORT
    size_t count, address_count;
    bool ask; // somebody is there to be asked about other programs
};
void allowance_add(struct allowance *a, const char *program);        // borrowed
int allowance_add_address(struct allowance *a, const char *address); // borrowed; -1: it is none
void allowance_fini(struct allowance *a);

struct permits;

// `control` leads to the stage, which is answered there; both borrowed.
struct permits *permits_new(int control, const struct allowance *allowance);
void permits_free(struct permits *p); // NULL is nothing

// The stage wants to know whether it may have the program (CONTROL_NEED): answers, or asks the user
// first.
void permits_take_need(struct permits *p, const struct control_message *m);

// Where the program of that name is, if it may be run; NULL.
const char *permits_path(const struct permits *p, const char *name);

// Whether any may be run.
bool permits_any(const struct permits *p);

// The same for a real address (CONTROL_REACH); nobody is asked.
void permits_take_reach(struct permits *p, const struct control_message *m);
bool permits_address(const struct permits *p, const char *address);

// A question to the user that waits for yes or no; NULL: none does.
const char *permits_question(const struct permits *p);
void permits_answer(struct permits *p, bool yes);

// Why a program could not be had: not there, or not allowed; NULL: none was refused.
const char *permits_refusal(const struct permits *p);
