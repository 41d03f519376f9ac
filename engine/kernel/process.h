// process: what a new process leaves behind of its parent's.
#pragma once

#include <stddef.h>
#include <sys/types.h>

// Closes all descriptors but standard error and the `kept` ones; standard input and output become
// /dev/null.
void process_keep_only(const int *kept, size_t count);

// Handlers of the parent would act on the parent's loop; what it ignores stays ignored.
void process_forget_handlers(void);

// As a program expects it: all signals do what they do by default, and none is blocked.
void process_reset_signals(void);

// As fork(2), with flags of clone(2); `pidfd` is for CLONE_PIDFD, and may be NULL. Not clone3(2):
// filters of containers cannot look into its arguments, and refuse it. Tries again while
// namespaces are being cleaned up.
pid_t process_clone(unsigned long flags, int *pidfd);
