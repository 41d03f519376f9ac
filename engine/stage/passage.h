// passage: what becomes of a frame that has entered a wire: what the direction and the rules make
// of it, and where it goes.
//
// All of them look at every frame, whatever becomes of it: so a new rule changes no decision of
// chance. A cut counts first, then rules, then chance.
#pragma once

#include "packet/filter.h"
#include "packet/frame.h"
#include "stage/flight.h"

// The flight may be over afterwards.
void passage_begin(struct flight *f, struct port *from, const struct frame *frame,
                   const struct packet_row *row, int64_t now_ns);
