// Implementation of sysctl.h.
#include "kernel/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PIN_OWN_GROUP "own group"

// Congestion control is not here: the route has it (iface.h), for which no rights are needed.
// Defaults: the kernel's Documentation/networking/ip-sysctl.rst.
const struct sysctl_pin sysctl_pins[] = {
    {"net.ipv4.tcp_rmem", "4096 131072 6291456", NULL},
    {"net.ipv4.tcp_wmem", "4096 16384 4194304", NULL},
    {"net.ipv4.tcp_ecn", "2", NULL},
    {"net.ipv4.tcp_sack", "1", NULL},
    {"net.ipv4.tcp_timestamps", "1", NULL},
    {"net.ipv4.tcp_window_scaling", "1", NULL},
    {"net.ipv4.tcp_early_retrans", "3", NULL},
    {"net.ipv4.tcp_recovery", "1", NULL},
    {"net.ipv4.tcp_syn_retries", "6", NULL},
    {"net.ipv4.tcp_synack_retries", "5", NULL},
    {"net.ipv4.tcp_fin_timeout", "60", NULL},
    {"net.ipv4.tcp_tw_reuse", "2", NULL},
    {"net.ipv4.tcp_max_syn_backlog", "4096", "as large on every machine"},
    {"net.core.somaxconn", "4096", NULL},
    {"net.ipv4.ip_local_port_range", "32768 60999", NULL},
    {"net.ipv4.tcp_slow_start_after_idle", "1", NULL},
    {"net.ipv4.tcp_no_metrics_save", "1", "a connection must not depend on the one before"},
    {"net.ipv4.tcp_moderate_rcvbuf", "1", NULL},
    {"net.ipv4.ip_forward", "0", NULL},
    {"net.ipv4.conf.all.rp_filter", "0", NULL},
    {"net.ipv4.conf.default.rp_filter", "0", NULL},
    {"net.ipv4.conf.all.arp_ignore", "0", NULL},
    {"net.ipv4.conf.all.arp_announce", "0", NULL},
    {"net.ipv4.conf.all.accept_redirects", "0", "routes are the scene's"},
    {"net.ipv4.conf.default.accept_redirects", "0", "routes are the scene's"},
    {"net.ipv4.conf.all.send_redirects", "0", "routes are the scene's"},
    {"net.ipv4.conf.default.send_redirects", "0", "routes are the scene's"},
    {"net.ipv4.ping_group_range", PIN_OWN_GROUP, "ping needs no rights"},
    {"net.ipv6.conf.all.disable_ipv6", "1", "nothing on the wire that the scene did not ask for"},
    {"net.ipv6.conf.default.disable_ipv6", "1",
     "nothing on the wire that the scene did not ask for"},
    {0},
};

// Retries count in doublings of a second: 30 of them outlast every talk.
const struct sysctl_pin sysctl_stretched[] = {
    {"net.ipv4.tcp_early_retrans", "0", "no probe for the last segment's sake"},
    {"net.ipv4.tcp_syn_retries", "30", "nobody gives up"},
    {"net.ipv4.tcp_synack_retries", "30", "nobody gives up"},
    {"net.ipv4.tcp_fin_timeout", "3600", "nobody gives up"},
    {0},
};

static int open_setting(const char *name, int mode)
{
    char path[256];
    int n = snprintf(path, sizeof path, "/proc/sys/%s", name);
    if (n < 0 || (size_t)n >= sizeof path || strchr(name, '/')) {
        errno = ENOENT;
        return -1;
    }
    for (char *p = path + strlen("/proc/sys/"); *p; p++)
        if (*p == '.')
            *p = '/';
    return open(path, mode | O_CLOEXEC);
}

int sysctl_set(const char *name, const char *value)
{
    int fd = open_setting(name, O_WRONLY);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, value, strlen(value));
    int saved = errno;
    close(fd);
    errno = saved;
    return n < 0 ? -1 : 0;
}

int sysctl_get(const char *name, char *value, size_t room)
{
    int fd = open_setting(name, O_RDONLY);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, value, room - 1);
    int saved = errno;
    close(fd);
    errno = saved;
    if (n < 0)
        return -1;
    while (n > 0 && value[n - 1] == '\n')
        n--;
    value[n] = '\0';
    return 0;
}

const char *sysctl_pin_value(const struct sysctl_pin *pin, char text[SYSCTL_PIN_TEXT])
{
    if (strcmp(pin->value, PIN_OWN_GROUP) != 0)
        return pin->value;
    snprintf(text, SYSCTL_PIN_TEXT, "%u %u", getegid(), getegid()); // no other is mapped for sure
    return text;
}

int sysctl_pin(const struct sysctl_pin *pin)
{
    char text[SYSCTL_PIN_TEXT];
    return sysctl_set(pin->name, sysctl_pin_value(pin, text));
}

int sysctl_allow_ipv6(bool forward)
{
    static const char *const settings[][2] = {
        {"net.ipv6.conf.default.accept_ra", "0"},
        {"net.ipv6.conf.default.accept_redirects", "0"},
        {"net.ipv6.conf.default.router_solicitations", "0"},
        {"net.ipv6.conf.all.accept_dad", "0"}, // else an address is not ready for up to a second
        {"net.ipv6.conf.default.accept_dad", "0"},
        {"net.ipv6.conf.default.use_tempaddr", "0"},
        {"net.ipv6.conf.default.disable_ipv6", "0"},
        {"net.ipv6.conf.all.disable_ipv6", "0"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (sysctl_set(settings[i][0], settings[i][1]) != 0)
            return -1;
    return forward ? sysctl_set("net.ipv6.conf.all.forwarding", "1") : 0;
}

void sysctl_pin_all(bool stretched)
{
    for (const struct sysctl_pin *pin = sysctl_pins; pin->name; pin++)
        sysctl_pin(pin);
    for (const struct sysctl_pin *pin = sysctl_stretched; stretched && pin->name; pin++)
        sysctl_pin(pin);
}
