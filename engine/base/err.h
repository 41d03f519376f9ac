// err: why something failed, in one sentence that a user can act on.
//
// Owned by the caller, who passes it as the last argument; the lowest function that knows the
// object (file, host, address) writes the sentence, everybody above passes it on.
#pragma once

#include <stdarg.h>

struct err {
    char text[512];
};

// Writes the sentence; `e` may be NULL. Always returns -1, so that `return err_set(e, …)` reads
// well.
int err_set(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The same, followed by ": " and the text of errno, which it leaves as it was.
int err_errno(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
