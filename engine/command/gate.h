// gate: the way out of a scene, to real addresses that the user has granted.
//
// Each connection is a process of its own, which does nothing but carry bytes between the stage and
// the real address; so the stage never has a socket of the machine's network.
#pragma once

#include "base/err.h"

struct gate;

struct gate *gate_new(void);
void gate_free(struct gate *g); // ends all connections; NULL is nothing

// Connects to "HOST:PORT". Returns the stage's end at once, owned by the caller: packets of at most
// GATE_PACKET bytes, of which the first tells how it went: '+' and the real address, or '-' and a
// sentence. -1: it cannot even be tried.
#define GATE_PACKET 16384
int gate_open(struct gate *g, const char *address, struct err *err);
