// entry: a frame enters a wire: what it is, where it came from, and where it goes.
#pragma once

#include "stage/flight.h"

// Takes the frame that the host at `port` has sent; `cause` NULL: nobody's.
void entry_take(struct port *port, struct flight *f, const struct wire_cause *cause);

// A frame that no kernel has sent enters as if `port` had sent it; the id of its event.
// `by` NULL: the wire has made it.
uint64_t entry_inject(struct port *port, const uint8_t *bytes, uint32_t len, uint64_t cause,
                      enum packet_origin origin, const struct actor *by);
