// rootfs: a root directory of one's own, put together on a tmpfs.
//
// In a mount namespace of its own a process begins one, adds to it what it shall see, and enters
// it: then nothing else of the machine is in reach. Until it is entered it stands below ROOTFS, and
// the machine's own files are where they were. See pivot_root(2), mount_namespaces(7).
#pragma once

#include "base/err.h"

#define ROOTFS "/tmp"

// An empty tmpfs with these options and flags of mount(2). No mount is seen outside from here on.
int rootfs_begin(const char *options, unsigned long flags, struct err *err);

// A file or device of the machine; `to` is below ROOTFS and made for it. -1 with errno ENOENT if
// there is no such file.
int rootfs_bind_file(const char *from, const char *to, struct err *err);

// /proc of this PID namespace. Where a fresh one is refused, because parts of the old one are
// masked (inside containers), the old one.
int rootfs_add_proc(struct err *err);

// What a computer has for its programs: the machine's programs, libraries and settings, without
// what is private; harmless devices; empty folders to write to.
int rootfs_add_system(struct err *err);

int rootfs_enter(struct err *err);

// After entering what rootfs_add_system() made: all of it is read-only but the empty folders, and
// names of hosts come from this text alone, as /etc/hosts has it.
int rootfs_close_system(const char *hosts, struct err *err);
