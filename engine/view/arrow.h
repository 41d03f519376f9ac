// arrow: the rows of a packet: how it leaves, how it arrives, and what else may become of it.
#pragma once

#include "view/page.h"
#include "view/words.h"

// Leaves; the flight is added to those of the page. `flight` has id, from, to and style.
void arrow_depart(struct page *p, int64_t t, struct flight *flight,
                  const struct words_packet *words);

// Arrives at the lane `to`. `text` says what is remarkable about that; NULL: nothing.
void arrow_arrive(struct page *p, int64_t t, const struct flight *flight, size_t to,
                  const char *text, int style);

// Ends on its way (or is held there), with a sign and a word why.
void arrow_stop(struct page *p, int64_t t, const struct flight *flight, enum paint_sign sign,
                const char *text, int style);

// One dotted arrow for many packets; the first of the texts that fits.
void arrow_many(struct page *p, int64_t t, size_t from, size_t to, const char *const texts[],
                size_t count);
