// Implementation of sockaddr.h.
#include "stage/sockaddr.h"

#include <string.h>

#include "event/addr.h"

socklen_t sockaddr_of(const struct addr *a, bool ipv6, union sockaddr_any *k)
{
    static const uint8_t any[4];
    struct addr own = *a;
    *k = (union sockaddr_any){0};
    if (ipv6 && memcmp(own.bytes, any, 4) != 0)
        addr_map(&own);
    if (ipv6 || own.family == 6) {
        k->in6.sin6_family = AF_INET6;
        k->in6.sin6_port = htons(own.port);
        memcpy(&k->in6.sin6_addr, own.bytes, 16);
        return sizeof k->in6;
    }
    k->in.sin_family = AF_INET;
    k->in.sin_port = htons(a->port);
    memcpy(&k->in.sin_addr, a->bytes, 4);
    return sizeof k->in;
}

void sockaddr_read(const union sockaddr_any *k, struct addr *a)
{
    *a = (struct addr){0};
    if (k->any.sa_family == AF_INET6) {
        a->family = 6;
        a->port = ntohs(k->in6.sin6_port);
        memcpy(a->bytes, &k->in6.sin6_addr, 16);
        addr_unmap(a);
    } else if (k->any.sa_family == AF_INET) {
        a->family = 4;
        a->port = ntohs(k->in.sin_port);
        memcpy(a->bytes, &k->in.sin_addr, 4);
    }
}
