// router: what a host that forwards does to packets on their way, by rules of nf_tables(8) in its
// kernel.
//
// Before the network stands the rules are kept; afterwards they hold at once.
#pragma once

#include <stdint.h>

#include "stage/actor.h"
#include "stage/host.h"

// What leaves by this port has its address as the sender, and answers find their way back.
int router_masquerade(struct host *router, const struct port *out, const struct actor *by,
                      struct err *err);

// What is sent to any of the router's own addresses at `port` (TCP or UDP) goes to that of `to`.
int router_publish(struct host *router, uint16_t port, const struct host *to, uint16_t to_port,
                   const struct actor *by, struct err *err);

// Nothing is forwarded between the two.
int router_forbid(struct host *router, const struct port *a, const struct port *b,
                  const struct actor *by, struct err *err);

// The rules that were kept; once its interfaces stand. Afterwards, the `rule` events of them.
int router_make(struct host *router, struct err *err);
void router_tell(const struct host *router);
