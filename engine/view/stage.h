// stage: the rows that introduce the hosts, their addresses and the wires between them.
#pragma once

#include "view/page.h"
#include "view/words.h"

// Lays the lanes for the hosts that the cast has, and draws their heads; `again`: without what was
// told the first time.
void stage_draw(struct page *p, const struct words *w, bool again);

void stage_wire_text(struct buf *out, const struct cast_wire *wire); // "20 ms", "20 ms, mtu 576"
