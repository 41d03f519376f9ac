// Implementation of option.h.
#include "stage/option.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/clock.h"

// clang-format off
const struct option options[] = {
    {"SO_REUSEADDR",           "reuseaddr",            SOL_SOCKET,  SO_REUSEADDR,            OPTION_FLAG,    false},
    {"SO_REUSEPORT",           "reuseport",            SOL_SOCKET,  SO_REUSEPORT,            OPTION_FLAG,    false},
    {"SO_KEEPALIVE",           "keepalive",            SOL_SOCKET,  SO_KEEPALIVE,            OPTION_FLAG,    false},
    {"SO_BROADCAST",           "broadcast",            SOL_SOCKET,  SO_BROADCAST,            OPTION_FLAG,    false},
    {"SO_OOBINLINE",           "oobinline",            SOL_SOCKET,  SO_OOBINLINE,            OPTION_FLAG,    false},
    {"SO_DONTROUTE",           "dontroute",            SOL_SOCKET,  SO_DONTROUTE,            OPTION_FLAG,    false},
    {"SO_LINGER",              "linger",               SOL_SOCKET,  SO_LINGER,               OPTION_LINGER,  false},
    {"SO_SNDBUF",              "sndbuf",               SOL_SOCKET,  SO_SNDBUF,               OPTION_BYTES,   false},
    {"SO_RCVBUF",              "rcvbuf",               SOL_SOCKET,  SO_RCVBUF,               OPTION_BYTES,   false},
    {"SO_RCVLOWAT",            "rcvlowat",             SOL_SOCKET,  SO_RCVLOWAT,             OPTION_BYTES,   false},
    {"SO_RCVTIMEO",            "rcvtimeo",             SOL_SOCKET,  SO_RCVTIMEO,             OPTION_TIME,    false},
    {"SO_SNDTIMEO",            "sndtimeo",             SOL_SOCKET,  SO_SNDTIMEO,             OPTION_TIME,    false},
    {"SO_PRIORITY",            "priority",             SOL_SOCKET,  SO_PRIORITY,             OPTION_NUMBER,  false},
    {"SO_MARK",                "mark",                 SOL_SOCKET,  SO_MARK,                 OPTION_NUMBER,  false},
    {"SO_BINDTODEVICE",        "bindtodevice",         SOL_SOCKET,  SO_BINDTODEVICE,         OPTION_WORD,    false},
    {"SO_ERROR",               "error",                SOL_SOCKET,  SO_ERROR,                OPTION_ERROR,   true},
    {"SO_ACCEPTCONN",          "acceptconn",           SOL_SOCKET,  SO_ACCEPTCONN,           OPTION_FLAG,    true},
    {"SO_TYPE",                "type",                 SOL_SOCKET,  SO_TYPE,                 OPTION_NUMBER,  true},
    {"SO_PROTOCOL",            "protocol",             SOL_SOCKET,  SO_PROTOCOL,             OPTION_NUMBER,  true},
    {"SO_DOMAIN",              "domain",               SOL_SOCKET,  SO_DOMAIN,               OPTION_NUMBER,  true},
    {"TCP_NODELAY",            "nodelay",              IPPROTO_TCP, TCP_NODELAY,             OPTION_FLAG,    false},
    {"TCP_CORK",               "cork",                 IPPROTO_TCP, TCP_CORK,                OPTION_FLAG,    false},
    {"TCP_QUICKACK",           "quickack",             IPPROTO_TCP, TCP_QUICKACK,            OPTION_FLAG,    false},
    {"TCP_MAXSEG",             "maxseg",               IPPROTO_TCP, TCP_MAXSEG,              OPTION_BYTES,   false},
    {"TCP_KEEPIDLE",           "keepidle",             IPPROTO_TCP, TCP_KEEPIDLE,            OPTION_SECONDS, false},
    {"TCP_KEEPINTVL",          "keepintvl",            IPPROTO_TCP, TCP_KEEPINTVL,           OPTION_SECONDS, false},
    {"TCP_KEEPCNT",            "keepcnt",              IPPROTO_TCP, TCP_KEEPCNT,             OPTION_NUMBER,  false},
    {"TCP_USER_TIMEOUT",       "user_timeout",         IPPROTO_TCP, TCP_USER_TIMEOUT,        OPTION_MS,      false},
    {"TCP_SYNCNT",             "syncnt",               IPPROTO_TCP, TCP_SYNCNT,              OPTION_NUMBER,  false},
    {"TCP_LINGER2",            "linger2",              IPPROTO_TCP, TCP_LINGER2,             OPTION_SECONDS, false},
    {"TCP_DEFER_ACCEPT",       "defer_accept",         IPPROTO_TCP, TCP_DEFER_ACCEPT,        OPTION_SECONDS, false},
    {"TCP_WINDOW_CLAMP",       "window_clamp",         IPPROTO_TCP, TCP_WINDOW_CLAMP,        OPTION_BYTES,   false},
    {"TCP_NOTSENT_LOWAT",      "notsent_lowat",        IPPROTO_TCP, TCP_NOTSENT_LOWAT,       OPTION_BYTES,   false},
    {"TCP_FASTOPEN",           "fastopen",             IPPROTO_TCP, TCP_FASTOPEN,            OPTION_NUMBER,  false},
    {"TCP_FASTOPEN_CONNECT",   "fastopen_connect",     IPPROTO_TCP, TCP_FASTOPEN_CONNECT,    OPTION_FLAG,    false},
    {"TCP_CONGESTION",         "congestion",           IPPROTO_TCP, TCP_CONGESTION,          OPTION_WORD,    false},
    {"UDP_CORK",               "udp_cork",             IPPROTO_UDP, UDP_CORK,                OPTION_FLAG,    false},
    {"UDP_SEGMENT",            "udp_segment",          IPPROTO_UDP, UDP_SEGMENT,             OPTION_BYTES,   false},
    {"IP_TTL",                 "ttl",                  IPPROTO_IP,  IP_TTL,                  OPTION_NUMBER,  false},
    {"IP_MINTTL",              "minttl",               IPPROTO_IP,  IP_MINTTL,               OPTION_NUMBER,  false},
    {"IP_TOS",                 "tos",                  IPPROTO_IP,  IP_TOS,                  OPTION_NUMBER,  false},
    {"IP_MTU",                 "mtu",                  IPPROTO_IP,  IP_MTU,                  OPTION_BYTES,   true},
    {"IP_MTU_DISCOVER",        "mtu_discover",         IPPROTO_IP,  IP_MTU_DISCOVER,         OPTION_NUMBER,  false},
    {"IP_RECVERR",             "recverr",              IPPROTO_IP,  IP_RECVERR,              OPTION_FLAG,    false},
    {"IP_FREEBIND",            "freebind",             IPPROTO_IP,  IP_FREEBIND,             OPTION_FLAG,    false},
    {"IP_BIND_ADDRESS_NO_PORT","bind_address_no_port", IPPROTO_IP,  IP_BIND_ADDRESS_NO_PORT, OPTION_FLAG,    false},
    {"IP_HDRINCL",             "hdrincl",              IPPROTO_IP,  IP_HDRINCL,              OPTION_FLAG,    false},
    {"IP_MULTICAST_TTL",       "multicast_ttl",        IPPROTO_IP,  IP_MULTICAST_TTL,        OPTION_NUMBER,  false},
    {"IP_MULTICAST_LOOP",      "multicast_loop",       IPPROTO_IP,  IP_MULTICAST_LOOP,       OPTION_FLAG,    false},
    {0},
};
// clang-format on

const struct option *option_find(const char *name)
{
    for (const struct option *o = options; o->name; o++)
        if (strcmp(o->name, name) == 0 || strcmp(o->brief, name) == 0)
            return o;
    return NULL;
}

int option_set(int fd, const struct option *o, int64_t number, const char *word)
{
    struct linger linger = {.l_onoff = number >= 0, .l_linger = (int)number};
    struct timeval time = {.tv_sec = number / CLOCK_S, .tv_usec = number % CLOCK_S / CLOCK_US};
    int value = (int)number;
    switch (o->unit) {
    case OPTION_WORD:
        return setsockopt(fd, o->level, o->number, word, (socklen_t)strlen(word));
    case OPTION_LINGER:
        return setsockopt(fd, o->level, o->number, &linger, sizeof linger);
    case OPTION_TIME:
        return setsockopt(fd, o->level, o->number, &time, sizeof time);
    default:
        return setsockopt(fd, o->level, o->number, &value, sizeof value);
    }
}

static int get(int fd, const struct option *o, void *value, socklen_t size)
{
    return getsockopt(fd, o->level, o->number, value, &size);
}

int option_get(int fd, const struct option *o, int64_t *number, char word[OPTION_TEXT])
{
    struct linger linger = {0};
    struct timeval time = {0};
    int value = 0, failed;
    switch (o->unit) {
    case OPTION_WORD:
        memset(word, 0, OPTION_TEXT);
        return get(fd, o, word, OPTION_TEXT - 1);
    case OPTION_LINGER:
        failed = get(fd, o, &linger, sizeof linger);
        *number = linger.l_onoff ? linger.l_linger : -1;
        return failed;
    case OPTION_TIME:
        failed = get(fd, o, &time, sizeof time);
        *number = time.tv_sec * CLOCK_S + time.tv_usec * CLOCK_US;
        return failed;
    default:
        failed = get(fd, o, &value, sizeof value);
        *number = value;
        return failed;
    }
}
