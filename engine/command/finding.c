// Implementation of finding.h.
#include "command/finding.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "event/json.h"
#include "view/wrap.h"

#define INDENT 23 // columns before what was found
#define NAME_COLUMNS 12

struct finding *finding_add(struct findings *list, const char *name, enum finding_level level,
                            const char *format, ...)
{
    if (list->count == sizeof list->all / sizeof *list->all)
        list->count--; // cannot be: the rows are known when this is compiled
    struct finding *f = &list->all[list->count++];
    *f = (struct finding){.name = name, .level = level};
    va_list args;
    va_start(args, format);
    vsnprintf(f->found, sizeof f->found, format, args);
    va_end(args);
    return f;
}

void finding_explain(struct finding *f, const char *means, const char *helps)
{
    snprintf(f->means, sizeof f->means, "%s", means ? means : "");
    snprintf(f->helps, sizeof f->helps, "%s", helps ? helps : "");
}

static void put_level(enum finding_level level, const struct view_options *options, struct buf *out)
{
    // The same hues as the views have: read on dark and on light, and by the colour-blind.
    static const struct {
        const char *sign, *plain, *word, *hue;
    } levels[] = {
        [FINDING_OK] = {"✓", "+", "ok", "38;5;30"},
        [FINDING_NOTE] = {"!", "!", "note", "38;5;166"},
        [FINDING_FAILS] = {"✗", "x", "fails", "1;38;5;161"},
        [FINDING_OPEN] = {"·", "-", "open", "38;5;244"},
    };
    if (options->color)
        buf_printf(out, "\033[%sm", levels[level].hue);
    buf_printf(out, " %s %-6s", options->unicode ? levels[level].sign : levels[level].plain,
               levels[level].word);
    if (options->color)
        buf_text(out, "\033[0m");
}

// Behind the indentation that the first line has already.
static void put_wrapped(const char *text, size_t width, struct buf *out)
{
    size_t columns = width > INDENT + 20 ? width - INDENT : 20, len = strlen(text), next;
    for (;;) {
        size_t n = wrap_line(text, len, columns, &next);
        buf_put(out, text, n);
        buf_byte(out, '\n');
        if (next >= len)
            return;
        text += next;
        len -= next;
        buf_fill(out, ' ', INDENT);
    }
}

void findings_text(const struct findings *list, const struct view_options *options, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct finding *f = &list->all[i];
        put_level(f->level, options, out);
        buf_printf(out, "  %-*s", NAME_COLUMNS, f->name);
        put_wrapped(f->found, options->width, out);
        if (*f->means) {
            buf_fill(out, ' ', INDENT);
            put_wrapped(f->means, options->width, out);
        }
        if (*f->helps) {
            buf_fill(out, ' ', INDENT);
            buf_printf(out, "%s %s\n", options->unicode ? "→" : "->", f->helps);
        }
    }
}

// What came from outside (a locale's name, a folder) may be no UTF-8.
static void put_field(struct buf *out, const char *key, const char *text)
{
    buf_printf(out, ", \"%s\": ", key);
    if (*text)
        json_quote(out, text, utf8_sound(text, strlen(text)));
    else
        buf_text(out, "null");
}

void findings_json(const struct findings *list, struct buf *out)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        const struct finding *f = &list->all[i];
        buf_text(out, i ? ",\n  {\"name\": " : "\n  {\"name\": ");
        json_quote(out, f->name, strlen(f->name));
        buf_printf(out, ", \"ok\": %s, \"needed\": %s",
                   f->level == FINDING_OK     ? "true"
                   : f->level == FINDING_OPEN ? "null"
                                              : "false",
                   f->level == FINDING_FAILS || f->level == FINDING_OPEN ? "true" : "false");
        put_field(out, "found", f->found);
        put_field(out, "means", f->means);
        put_field(out, "helps", f->helps);
        buf_byte(out, '}');
    }
    buf_text(out, "\n]");
}
