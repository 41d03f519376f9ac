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

socklen_t sockaddr_of(const struct addr *a, union sockaddr_any *k); // its length
void sockaddr_read(const union sockaddr_any *k, struct addr *a); // family 0: neither IPv4 nor IPv6
