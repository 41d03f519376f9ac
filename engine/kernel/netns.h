// netns: network namespaces, one a host. See network_namespaces(7).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

// A new one, entered by this thread; returns a descriptor that holds it, owned by the caller, or
// -1.
int netns_new(struct err *err);

// The one this thread is in; a descriptor as above.
int netns_current(struct err *err);

int netns_enter(int fd, struct err *err);

// Namespaces are counted against user.max_*_namespaces until the kernel has cleaned them up, some
// milliseconds after their last user went. After a failure with ENOSPC: waits a little and says
// whether it is worth trying again. Zeroed at first; errno is kept.
struct netns_patience {
    int tries;
};
bool netns_try_again(struct netns_patience *p);
