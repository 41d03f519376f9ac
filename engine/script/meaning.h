// meaning: what a failure of the network means, in words that go behind the name of the call.
#pragma once

#include "event/event.h"

// `code` is what the script gets beside the sentence, "closed" and "timeout" among them. `kind`
// SOCKET_NONE and `call` CALL_NONE: it is not known which.
const char *meaning_of(enum socket_kind kind, enum call call, int error, const char *code);
