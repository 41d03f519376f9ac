// neighbour: who has which address on a wire: ARP (RFC 826), and its like of IPv6 (RFC 4861).
//
// The wire knows who has which address, so it answers such questions itself, at once and unseen,
// and so nothing is on it that the scene did not ask for. What a host with `arp = true` asks goes
// over the wire, and so does what it is answered. What hosts say of routers they look for, or of
// groups they listen to (RFC 3810), is left out in any case: nobody here has a use for it.
#pragma once

#include "stage/wire.h"

// Whether the frame that came in at the port is such a message that nobody is to see. The question
// in it has been answered, if the wire knows the answer.
bool neighbour_take(struct port *port, const struct frame *f, const uint8_t *bytes);

// Whether the frame tells an address: what waited for it in the kernel goes now.
bool neighbour_tells(const struct frame *f);
