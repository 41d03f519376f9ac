// Implementation of tap.h.
#include "kernel/tap.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int tap_open(const char *name, struct err *err)
{
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "cannot open /dev/net/tun");
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    // Persistent, so that closing the descriptor does not wait for the kernel to take the device
    // down: it goes with its namespace.
    if (ioctl(fd, TUNSETIFF, &request) != 0 || ioctl(fd, TUNSETPERSIST, 1) != 0) {
        err_errno(err, "cannot make the device %s", name);
        close(fd);
        return -1;
    }
    return fd;
}
