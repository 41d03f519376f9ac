// obstacle: what stands in the way of a private network on this machine, and what helps.
//
// The error of a system call alone ("Operation not permitted") tells nobody what to do. This is the
// one place that knows the reasons: it looks at the settings, filters and files that are known to
// refuse what a stage needs.
#pragma once

#include "base/err.h"

struct obstacle {
    const char *name; // for programs: "apparmor-userns"; NULL: nothing stands in the way
    char means[256];  // a clause: "… (kernel.unprivileged_userns_clone = 0)"
    char helps[256];  // a command to type, or what else to do; empty: nothing known
};

// Why clone(2) or unshare(2) refused new namespaces with this errno. 0 is no obstacle, here and
// below.
void obstacle_namespaces(int error, struct obstacle *o);

// Why a process that has such namespaces may not mount in them.
void obstacle_mounts(int error, struct obstacle *o);

// Why /dev/net/tun cannot be opened.
void obstacle_device(int error, struct obstacle *o);

// Why the kernel takes no rules of nf_tables, of which it said `why`.
void obstacle_rules(const char *why, struct obstacle *o);

// "WHAT: means (this helps: helps)". Returns -1.
int obstacle_err(const struct obstacle *o, const char *what, struct err *err);

// The container that this process runs in ("docker", "podman", "lxc", "container" of some kind),
// NULL if none is noticed.
const char *obstacle_container(void);
