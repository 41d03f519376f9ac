// Implementation of words.h: real programs.
#include <inttypes.h>

#include "view/words.h"

bool words_program_failed(const struct event *e)
{
    const struct event_program *p = &e->as.program;
    return p->ended && (p->status > 0 || p->cut);
}

static void put_end(const struct words *w, const struct event *e, struct buf *out)
{
    const struct event_program *p = &e->as.program;
    buf_put(out, event_bytes(e, p->program), p->program.len);
    buf_byte(out, ' ');
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
