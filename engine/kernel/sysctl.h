// sysctl: the kernel's settings of the network namespace that this thread is in.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

// "net.ipv4.tcp_sack" = "1". -1 with errno: ENOENT if this kernel has no such setting.
int sysctl_set(const char *name, const char *value);
int sysctl_get(const char *name, char *value, size_t room); // without the newline

struct sysctl_pin {
    const char *name, *value; // value: see sysctl_pin_value()
    const char
        *why; // NULL: it is the kernel's own default, pinned against what the machine changed
};

// What every host is set to, so that scenes behave alike on all machines; ended by a NULL name.
extern const struct sysctl_pin sysctl_pins[];

// What hosts are set to besides while packets wait for a presenter: connections shall survive that.
// After the pins.
extern const struct sysctl_pin sysctl_stretched[];

#define SYSCTL_PIN_TEXT 32

int sysctl_pin(const struct sysctl_pin *pin); // -1 with errno
const char *sysctl_pin_value(const struct sysctl_pin *pin,
                             char text[SYSCTL_PIN_TEXT]); // what it sets

// Undoes that there is no IPv6, without what would put anything on the wire unasked. -1 with errno.
int sysctl_allow_ipv6(bool forward);

// Sets all pins, the stretched ones too if asked; what an older kernel lacks is passed over.
void sysctl_pin_all(bool stretched);
