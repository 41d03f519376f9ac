// Implementation of paint.h.
#include "view/paint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/width.h"

#define GLYPH_MAX 22 // a letter and some combining marks

struct paint_cell {
    char glyph[GLYPH_MAX];
    unsigned char len; // 0: no letter
    unsigned char lines;
    unsigned char style;
    bool tail; // right half of the letter before
};

// Signs that common fixed fonts have and that no terminal turns into emoji (as it may ▶ and ⏸).
static const char *const signs[SIGN_COUNT][2] = {
    [SIGN_HEAD_RIGHT] = {">", "►"}, [SIGN_HEAD_LEFT] = {"<", "◄"}, [SIGN_CROSS] = {"X", "✗"},
    [SIGN_CHECK] = {"ok", "✓"},     [SIGN_HOST] = {"o", "●"},      [SIGN_HELD] = {"#", "◆"},
    [SIGN_GAP] = {":", "⋮"},        [SIGN_END] = {"=", "■"},       [SIGN_DOT] = {"-", "·"},
    [SIGN_AGAIN] = {"again", "↻"},  [SIGN_MORE] = {"~", "…"},      [SIGN_CAUSE] = {"<-", "←"},
    [SIGN_TO] = {"->", "→"},
};

// By LINE_UP | LINE_DOWN | LINE_LEFT | LINE_RIGHT: light, heavy.
static const char *const joints[16][2] = {
    {" ", " "}, {"╵", "╹"}, {"╷", "╻"}, {"│", "┃"}, {"╴", "╸"}, {"╯", "┛"}, {"╮", "┓"}, {"┤", "┫"},
    {"╶", "╺"}, {"╰", "┗"}, {"╭", "┏"}, {"├", "┣"}, {"─", "━"}, {"┴", "┻"}, {"┬", "┳"}, {"┼", "╋"},
};
static const char plain_joints[] = " '.|-'.+-'.+-+++";

const char *paint_sign_text(bool unicode, enum paint_sign sign)
{
    return signs[sign][unicode];
}

void paint_init(struct paint *p, const struct view_options *options)
{
    *p = (struct paint){.color = options->color, .unicode = options->unicode};
    paint_resize(p, options->width);
}

void paint_resize(struct paint *p, size_t width)
{
    if (width < VIEW_WIDTH_MIN)
        width = VIEW_WIDTH_MIN;
    if (width > VIEW_WIDTH_MAX)
        width = VIEW_WIDTH_MAX;
    p->cells = mem_resize(p->cells, width * sizeof *p->cells);
    p->width = width;
    paint_clear(p);
}

void paint_fini(struct paint *p)
{
    free(p->cells);
    *p = (struct paint){0};
}

void paint_clear(struct paint *p)
{
    memset(p->cells, 0, p->width * sizeof *p->cells);
}

void paint_line(struct paint *p, size_t column, unsigned lines, int style)
{
    if (column >= p->width)
        return;
    struct paint_cell *cell = &p->cells[column];
    if (cell->len || cell->tail)
        return; // letters hide lines that come later too
    cell->lines |= (unsigned char)lines;
    cell->style = (unsigned char)style;
}

void paint_horizontal(struct paint *p, size_t from, size_t to, unsigned extra, int style)
{
    size_t left = from < to ? from : to, right = from < to ? to : from;
    for (size_t i = left; i <= right; i++)
        paint_line(p, i, extra | (i > left ? LINE_LEFT : 0) | (i < right ? LINE_RIGHT : 0), style);
}

// Empties a cell; a wide letter that stood half in it goes as a whole.
static void vacate(struct paint *p, size_t column)
{
    if (p->cells[column].tail)
        p->cells[column - 1] = (struct paint_cell){0};
    if (column + 1 < p->width && p->cells[column + 1].tail)
        p->cells[column + 1] = (struct paint_cell){0};
    p->cells[column] = (struct paint_cell){0};
}

static void put_letter(struct paint *p, size_t column, const char *letter, size_t len,
                       size_t columns, int style)
{
    for (size_t i = 0; i < columns; i++)
        vacate(p, column + i);
    struct paint_cell *cell = &p->cells[column];
    cell->style = (unsigned char)style;
    cell->len = (unsigned char)len;
    memcpy(cell->glyph, letter, len);
    if (columns == 2)
        cell[1] = (struct paint_cell){.tail = true, .style = (unsigned char)style};
}

// Controls, bytes that are no UTF-8, and the no-break blank (which is for wrap.c).
static bool is_control(const char *letter, size_t len)
{
    unsigned char a = (unsigned char)letter[0], b = len > 1 ? (unsigned char)letter[1] : 0;
    return (len == 1 && (a < 0x20 || a >= 0x7f)) || (len == 2 && a == 0xc2 && b <= 0xa0);
}

// Marks that change the direction of writing, and separators of lines: they would disturb the whole
// row.
static bool is_unruly(const char *letter, size_t len)
{
    static const char *const marks[] = {"\u200e", "\u200f", "\u2028", "\u2029", "\u202a",
                                        "\u202b", "\u202c", "\u202d", "\u202e", "\u2066",
                                        "\u2067", "\u2068", "\u2069"};
    for (size_t i = 0; len == 3 && i < sizeof marks / sizeof *marks; i++)
        if (memcmp(letter, marks[i], 3) == 0)
            return true;
    return false;
}

size_t paint_text(struct paint *p, size_t column, size_t room, const char *text, size_t len,
                  int style)
{
    if (column >= p->width)
        return 0;
    if (room > p->width - column)
        room = p->width - column;
    const char *more = p->unicode ? "…" : "~";
    bool whole = width_of(text, len) <= room;
    size_t used = 0, last = SIZE_MAX;
    for (size_t i = 0, n, w; i < len; i += n) {
        n = width_letter(text + i, len - i, &w);
        const char *letter = text + i;
        size_t letter_len = n;
        if (is_control(letter, n)) {
            letter = " ";
            letter_len = w = 1;
        }
        if (is_unruly(letter, letter_len))
            continue;
        if (w == 0) { // a combining mark joins the letter before
            struct paint_cell *cell = last == SIZE_MAX ? NULL : &p->cells[last];
            if (cell && cell->len + n <= GLYPH_MAX) {
                memcpy(cell->glyph + cell->len, letter, n);
                cell->len += (unsigned char)n;
            }
            continue;
        }
        if (used + w + !whole > room)
            break;
        put_letter(p, column + used, letter, letter_len, w, style);
        last = column + used;
        used += w;
    }
    if (!whole && used < room) {
        put_letter(p, column + used, more, strlen(more), 1, style);
        used++;
    }
    return used;
}

void paint_sign(struct paint *p, size_t column, enum paint_sign sign, int style)
{
    const char *text = signs[sign][p->unicode];
    paint_text(p, column, SIZE_MAX / 2, text, strlen(text), style);
}

bool paint_has_text(const struct paint *p, size_t column)
{
    return column < p->width && (p->cells[column].len || p->cells[column].tail);
}

bool paint_is_blank(const struct paint *p, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < p->width; i++)
        if (p->cells[i].len || p->cells[i].tail || p->cells[i].lines)
            return false;
    return true;
}

// Blue and orange first: no kind of colour blindness mixes them up. All of middle lightness, to be
// read on dark and on light alike.
static void put_style(struct buf *out, int style)
{
    static const unsigned char hues[] = {
        [PAINT_QUIET] = 244, [PAINT_ALARM] = 161, [PAINT_HOST] = 33, 166, 30, 133, 136, 67};
    int hue = style & ~(PAINT_BOLD | PAINT_REVERSE);
    buf_text(out, "\033[0");
    if (style & PAINT_BOLD)
        buf_text(out, ";1");
    if (style & PAINT_REVERSE)
        buf_text(out, ";7");
    if (hue)
        buf_printf(out, ";38;5;%d", hues[hue]);
    buf_byte(out, 'm');
}

static void put_joint(const struct paint *p, const struct paint_cell *cell, struct buf *out)
{
    unsigned ways = cell->lines & 15;
    bool dashed = cell->lines & LINE_DASHED;
    if (!p->unicode) {
        bool across = ways == (LINE_LEFT | LINE_RIGHT), down = ways == (LINE_UP | LINE_DOWN);
        buf_byte(out, dashed && down ? ':' : dashed && across ? '.' : plain_joints[ways]);
    } else if (dashed && ways == (LINE_UP | LINE_DOWN)) {
        buf_text(out, "┊");
    } else if (dashed && ways == (LINE_LEFT | LINE_RIGHT)) {
        buf_text(out, "┄");
    } else {
        buf_text(out, joints[ways][(cell->lines & LINE_HEAVY) != 0]);
    }
}

static bool shows(const struct paint_cell *cell)
{
    if (cell->tail || cell->lines & 15)
        return true;
    return cell->len &&
           !(cell->len == 1 && cell->glyph[0] == ' ' && !(cell->style & PAINT_REVERSE));
}

void paint_flush(struct paint *p, struct buf *out)
{
    size_t end = p->width;
    while (end > 0 && !shows(&p->cells[end - 1]))
        end--;
    int style = PAINT_PLAIN;
    for (size_t i = 0; i < end; i++) {
        const struct paint_cell *cell = &p->cells[i];
        if (cell->tail)
            continue;
        if (p->color && cell->style != style && (shows(cell) || style & PAINT_REVERSE)) {
            style = cell->style;
            put_style(out, style);
        }
        if (cell->len)
            buf_put(out, cell->glyph, cell->len);
        else
            put_joint(p, cell, out);
    }
    if (style != PAINT_PLAIN)
        buf_text(out, "\033[0m");
    buf_byte(out, '\n');
    paint_clear(p);
}
