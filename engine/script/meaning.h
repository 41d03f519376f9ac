// meaning: what a failure of the network means, in words that go behind the name of the call.
#pragma once

#include "event/event.h"

// `code` is what the script gets beside the sentence, "closed" and "timeout" among them; `call`
// CALL_NONE: any.
const char *meaning_of(enum call call, int error, const char *code);
