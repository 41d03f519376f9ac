// Implementation of package.h.
#include "command/package.h"

#include <string.h>
#include <unistd.h>

// Programs whose package has another name, in Debian and what comes from it.
static const struct {
    const char *program, *package;
} packages[] = {
    {"ab", "apache2-utils"},
    {"arping", "iputils-arping"},
    {"dig", "bind9-dnsutils"},
    {"dumpcap", "wireshark-common"},
    {"host", "bind9-host"},
    {"ip", "iproute2"},
    {"mtr", "mtr-tiny"},
    {"nc", "netcat-openbsd"},
    {"nft", "nftables"},
    {"nping", "nmap"},
    {"nslookup", "bind9-dnsutils"},
    {"ping", "iputils-ping"},
    {"redis-benchmark", "redis-tools"},
    {"redis-cli", "redis-tools"},
    {"ss", "iproute2"},
    {"ssh", "openssh-client"},
    {"tc", "iproute2"},
    {"tracepath", "iputils-tracepath"},
};

void package_missing(const char *program, struct err *err)
{
    const char *package = program;
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
        if (strcmp(packages[i].program, program) == 0)
            package = packages[i].package;
    if (strchr(program, '/'))
        err_set(err, "the scene needs the program %.200s, and there is no such program", program);
    else if (access("/usr/bin/apt-get", X_OK) == 0)
        err_set(err,
                "the scene needs the program %.200s, which is not installed here (this helps: sudo "
                "apt-get install %.200s)",
                program, package);
    else
        err_set(err,
                "the scene needs the program %.200s, which is not installed here: install the "
                "package that brings it",
                program);
}
