// station: behind which port of a wire a MAC address is.
//
// The wire knows the interfaces it has made. Other addresses (of what a program has bridged, or
// given its interface) it learns from the frames they send, as switches do (IEEE 802.1Q, 8.7).
#pragma once

#include "stage/wire.h"

void station_learn(struct port *port, const uint8_t mac[6]); // a frame came in with this sender

// The port by which a frame that came in at `from` leaves; NULL: by all others (a group, or
// nobody knows).
struct port *station_find(const struct port *from, const uint8_t mac[6]);

void stations_free(struct wire *w);
