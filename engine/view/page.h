// page: the rows of the ladder: clock, lifelines, what is in flight, and on top of that what a row
// is about.
//
// Writes whole rows. A row that is about one lane or one packet has the lifelines of all lanes;
// boxes go across the page, and lifelines dock at their edges.
#pragma once

#include "base/buf.h"
#include "event/cast.h"
#include "view/flight.h"
#include "view/lane.h"
#include "view/paint.h"

struct page {
    struct paint paint;
    struct lanes lanes;
    struct flights flights;
    struct buf *out; // (borrowed, during one event)
    uint64_t rows;   // written so far
    bool standing;   // the lanes were introduced and go on
    char clock[16];  // last one shown
    int64_t last_ns; // time of the last row, -1: none
};

void page_init(struct page *p, const struct view_options *options);
void page_fini(struct page *p);
int page_hue(const struct page *p, size_t lane); // the lane's style

// Begins a row: time, lifelines, vertical lines of packets in flight. Then paint on it and call
// page_end.
#define PAGE_NO_CLOCK INT64_C(-1)
void page_begin(struct page *p, int64_t t);
void page_end(struct page *p);
void page_forget_clock(struct page *p); // the next row shows its time in any case

// Text in three weights beside lane `at`, on as many rows as it needs; `may`, or
// what stands in it before the data, only if it costs no further row.
struct page_text {
    const char *who, *must, *may;
    size_t who_len, must_len, may_len;
    int style; // of `must`
};
void page_write(struct page *p, int64_t t, size_t at, const struct page_text *text);

// Text over the whole page, with the lifelines behind it.
void page_across(struct page *p, int64_t t, const char *mark, const char *text, size_t len,
                 int mark_style, int style);

// A box across the page. `heading` and `footer` stand in its edges and may be empty. With a cast,
// the names of the hosts stand where the lifelines leave at the bottom.
struct page_box {
    const char *heading, *footer;
    const char *text;
    size_t len;
    int style, text_style;
    bool heavy;
    const struct cast *cast; // (borrowed) or NULL
};
void page_box(struct page *p, const struct page_box *box);

// A line across the page at which the lifelines end for good, with a text in it.
void page_rule(struct page *p, const char *text, int style);
