// Implementation of words.h: real programs.
#include <inttypes.h>
#include <string.h>

#include "base/width.h"
#include "view/words.h"

#define OUTPUT_LINES 12

bool words_program_failed(const struct event *e)
{
    const struct event_program *p = &e->as.program;
    return p->ended && (p->status > 0 || p->cut || p->why.len);
}

static void put_end(const struct words *w, const struct event *e, struct buf *out)
{
    const struct event_program *p = &e->as.program;
    buf_put(out, event_bytes(e, p->program), p->program.len);
    buf_byte(out, ' ');
    if (p->why.len) {
        buf_text(out, words_pick(w, "could not start: ", "시작 못 함: "));
        buf_put(out, event_bytes(e, p->why), p->why.len);
        return;
    }
    if (p->signal.len) {
        buf_text(out, words_pick(w, "ended by ", ""));
        buf_put(out, event_bytes(e, p->signal), p->signal.len);
        buf_text(out, words_pick(w, "", "로 끝남"));
    } else {
        buf_printf(out, words_pick(w, "ended, status %" PRId64, "끝남, 상태 %" PRId64), p->status);
    }
    buf_text(out, words_pick(w, " after\u00a0", " "));
    words_duration(out, p->ran_ns);
    buf_text(out, words_pick(w, "", "\u00a0뒤"));
    if (p->cut)
        buf_text(out, words_pick(w, "; it printed more than is kept", "; 출력이 너무 많음"));
}

void words_program(const struct words *w, const struct event *e, struct buf *out)
{
    if (e->as.program.ended) {
        put_end(w, e, out);
        return;
    }
    buf_text(out, "$ ");
    buf_put(out, event_bytes(e, e->as.program.command), e->as.program.command.len);
}

size_t words_output(const struct words *w, const struct event *e, struct buf *out)
{
    const char *text = event_bytes(e, e->as.output.text);
    size_t len = e->as.output.text.len, lines = 0, left = 0, widest = 0, next;
    for (size_t at = 0; at < len; at += next) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end ? (size_t)(end - text) - at : len - at, width = width_of(text + at, line);
        next = line + 1;
        if (++lines > OUTPUT_LINES) {
            left++;
            continue;
        }
        buf_printf(out, "%s%.*s", lines > 1 ? "\n" : "", (int)line, text + at);
        widest = width > widest ? width : widest;
    }
    if (left)
        buf_printf(out, words_pick(w, "\n… %zu more lines", "\n… %zu줄 더"), left);
    return widest;
}
