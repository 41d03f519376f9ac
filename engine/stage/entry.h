// entry: a frame enters a wire: what it is, where it came from, and where it goes.
#pragma once

#include "stage/flight.h"

// Takes the frame that the host at `port` has sent; `cause` NULL: nobody's.
void entry_take(struct port *port, struct flight *f, const struct wire_cause *cause);
