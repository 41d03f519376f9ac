// tap: a TAP device, the network card of a host. See the kernel's
// Documentation/networking/tuntap.rst.
#pragma once

#include <stdint.h>

#include "base/err.h"

// Makes device `name` in the network namespace of this thread. Returns a non-blocking descriptor,
// owned by the caller: each read(2) gives one Ethernet frame that the host sent, each write(2) is
// one that it receives. No offload: segments and checksums are as on a real wire.
int tap_open(const char *name, struct err *err);
