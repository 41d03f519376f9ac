// knobs: the params of a scene, and the values given for them with --set.
#pragma once

#include "script/play.h"

const char *knobs_setting(struct play *p, const char *name); // of --set; NULL: not given

// One more knob; `choices` are texts, each ended by NUL. NULL: there is one of that name already.
const struct knob *knobs_declare(struct play *p, const char *name, const char *value,
                                 const char *choices, size_t len);

void knobs_put(const struct play *p, struct event *scene); // all of them into the `scene` event
void knobs_log(struct play *p);                            // an event each
void knobs_log_one(struct play *p, const struct knob *k, const struct actor *a);

// --set for a knob that the scene does not have is a slip that must not pass unseen: before
// anything is played where the scene's text tells, else at its end. Both log the error.
bool knobs_refuse(struct play *p);
void knobs_check(struct play *p);

void knobs_fini(struct play *p);
