// sockaddr: addresses of IP in the form that system calls take.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "event/event.h"

union sockaddr_any {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

// For a socket of IPv6 or not; one of IPv6 takes addresses of IPv4 too. Its length.
socklen_t sockaddr_of(const struct addr *a, bool ipv6, union sockaddr_any *k);
void sockaddr_read(const union sockaddr_any *k, struct addr *a); // family 0: neither IPv4 nor IPv6
