// paint: one row of a terminal page, painted cell by cell and then written out as a line.
//
// Later paint covers earlier paint, except that lines join: a horizontal line that meets a vertical
// one becomes a crossing, a branch or a corner by itself. What falls outside the row is not
// painted, so that a line never exceeds the width. The row owns its cells.
#pragma once

#include "base/buf.h"
#include "view/options.h"

// Styles: a hue, and weights joined with |.
enum paint_style {
    PAINT_PLAIN,
    PAINT_QUIET, // grey that is read on dark and on light
    PAINT_ALARM,
    PAINT_HOST, // PAINT_HOST + n % PAINT_HOSTS: hue of lane n
    PAINT_BOLD = 0x40,
    PAINT_REVERSE = 0x80,
};
#define PAINT_HOSTS 6

// Lines leave a cell in up to four directions.
enum {
    LINE_UP = 1,
    LINE_DOWN = 2,
    LINE_LEFT = 4,
    LINE_RIGHT = 8,
    LINE_DASHED = 16, // shown where the line goes straight on
    LINE_HEAVY = 32,
};

enum paint_sign {
    SIGN_HEAD_RIGHT,
    SIGN_HEAD_LEFT,
    SIGN_CROSS,
    SIGN_CHECK,
    SIGN_HOST,
    SIGN_HELD,
    SIGN_GAP,
    SIGN_END,
    SIGN_DOT,
    SIGN_AGAIN,
    SIGN_MORE,
    SIGN_CAUSE,
    SIGN_TO,
    SIGN_COUNT,
};

struct paint_cell;

struct paint {
    struct paint_cell *cells; // (owned)
    size_t width;
    bool color, unicode;
};

void paint_init(struct paint *p, const struct view_options *options);
void paint_resize(struct paint *p, size_t width); // between rows
void paint_fini(struct paint *p);
void paint_clear(struct paint *p);

void paint_line(struct paint *p, size_t column, unsigned lines,
                int style); // adds LINE_… to one cell
void paint_horizontal(struct paint *p, size_t from, size_t to, unsigned extra,
                      int style); // either order; ends included

// Letters from a column on, at most `room` columns, a longer text ends in "…". Controls are shown
// as blanks. Returns the columns used.
size_t paint_text(struct paint *p, size_t column, size_t room, const char *text, size_t len,
                  int style);
void paint_sign(struct paint *p, size_t column, enum paint_sign sign, int style);
bool paint_is_blank(const struct paint *p, size_t from, size_t to); // [from, to)
bool paint_has_text(const struct paint *p, size_t column);

// Appends the row as a line with its newline, without trailing blanks, and clears the row.
void paint_flush(struct paint *p, struct buf *out);

const char *paint_sign_text(bool unicode, enum paint_sign sign);
