// tell: what concerns the scene and no host: its title, narration, checks, errors, its end.
#pragma once

#include "view/page.h"
#include "view/words.h"

void tell_title(struct page *p, const struct event *e);
void tell_step(struct page *p, const struct words *w); // which keys let packets go
void tell_say(struct page *p, const struct words *w, const struct event *e); // a say or a cue
void tell_print(struct page *p, const struct words *w, const struct event *e);
void tell_busy(struct page *p, const struct words *w, const struct event *e); // on no host
void tell_expect(struct page *p, const struct words *w, const struct event *e);
void tell_error(struct page *p, const struct words *w, const struct event *e);
void tell_late(struct page *p, const struct words *w, const struct event *e);
void tell_wire(struct page *p, const struct words *w,
               const struct event *e); // a wire that was changed
void tell_rule(struct page *p, const struct words *w, const struct event *e); // made, or ended
void tell_end(struct page *p, const struct words *w, const struct event *e);
