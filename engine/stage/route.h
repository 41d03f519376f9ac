// route: which way packets take to networks that their host is not at.
//
// The wires and the routers between them are known, so nobody has to find out: each host gets the
// routes of the shortest ways (fewest routers; the wire that was made first where two are equal),
// and what it cannot reach it has no route to.
#pragma once

#include "stage/host.h"

// Gives all hosts their routes; after their interfaces are made. A host that is no router gets a
// default route by the first router on its wires, and others only where another way is shorter.
int routes_make(struct stage *s, struct err *err);

// The interface of `to` by which `from` reaches it best; its first one if there is no way.
const struct port *route_nearest(const struct host *from, const struct host *to);
