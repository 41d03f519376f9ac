// Implementation of option.h.
#include "stage/option.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

// clang-format off
const struct option options[] = {
    {"SO_REUSEADDR",      "reuseaddr",     SOL_SOCKET,  SO_REUSEADDR,      OPTION_FLAG,    false},
    {"SO_REUSEPORT",      "reuseport",     SOL_SOCKET,  SO_REUSEPORT,      OPTION_FLAG,    false},
    {"SO_KEEPALIVE",      "keepalive",     SOL_SOCKET,  SO_KEEPALIVE,      OPTION_FLAG,    false},
    {"SO_BROADCAST",      "broadcast",     SOL_SOCKET,  SO_BROADCAST,      OPTION_FLAG,    false},
    {"SO_OOBINLINE",      "oobinline",     SOL_SOCKET,  SO_OOBINLINE,      OPTION_FLAG,    false},
    {"SO_DONTROUTE",      "dontroute",     SOL_SOCKET,  SO_DONTROUTE,      OPTION_FLAG,    false},
    {"SO_LINGER",         "linger",        SOL_SOCKET,  SO_LINGER,         OPTION_LINGER,  false},
    {"SO_SNDBUF",         "sndbuf",        SOL_SOCKET,  SO_SNDBUF,         OPTION_BYTES,   false},
    {"SO_RCVBUF",         "rcvbuf",        SOL_SOCKET,  SO_RCVBUF,         OPTION_BYTES,   false},
    {"SO_RCVLOWAT",       "rcvlowat",      SOL_SOCKET,  SO_RCVLOWAT,       OPTION_BYTES,   false},
    {"SO_ERROR",          "error",         SOL_SOCKET,  SO_ERROR,          OPTION_ERROR,   true},
    {"SO_ACCEPTCONN",     "acceptconn",    SOL_SOCKET,  SO_ACCEPTCONN,     OPTION_FLAG,    true},
    {"TCP_NODELAY",       "nodelay",       IPPROTO_TCP, TCP_NODELAY,       OPTION_FLAG,    false},
    {"TCP_CORK",          "cork",          IPPROTO_TCP, TCP_CORK,          OPTION_FLAG,    false},
    {"TCP_QUICKACK",      "quickack",      IPPROTO_TCP, TCP_QUICKACK,      OPTION_FLAG,    false},
    {"TCP_MAXSEG",        "maxseg",        IPPROTO_TCP, TCP_MAXSEG,        OPTION_BYTES,   false},
    {"TCP_KEEPIDLE",      "keepidle",      IPPROTO_TCP, TCP_KEEPIDLE,      OPTION_SECONDS, false},
    {"TCP_KEEPINTVL",     "keepintvl",     IPPROTO_TCP, TCP_KEEPINTVL,     OPTION_SECONDS, false},
    {"TCP_KEEPCNT",       "keepcnt",       IPPROTO_TCP, TCP_KEEPCNT,       OPTION_NUMBER,  false},
    {"TCP_USER_TIMEOUT",  "user_timeout",  IPPROTO_TCP, TCP_USER_TIMEOUT,  OPTION_MS,      false},
    {"TCP_SYNCNT",        "syncnt",        IPPROTO_TCP, TCP_SYNCNT,        OPTION_NUMBER,  false},
    {"TCP_LINGER2",       "linger2",       IPPROTO_TCP, TCP_LINGER2,       OPTION_SECONDS, false},
    {"TCP_DEFER_ACCEPT",  "defer_accept",  IPPROTO_TCP, TCP_DEFER_ACCEPT,  OPTION_SECONDS, false},
    {"TCP_WINDOW_CLAMP",  "window_clamp",  IPPROTO_TCP, TCP_WINDOW_CLAMP,  OPTION_BYTES,   false},
    {"TCP_NOTSENT_LOWAT", "notsent_lowat", IPPROTO_TCP, TCP_NOTSENT_LOWAT, OPTION_BYTES,   false},
    {"TCP_CONGESTION",    "congestion",    IPPROTO_TCP, TCP_CONGESTION,    OPTION_WORD,    false},
    {"IP_TTL",            "ttl",           IPPROTO_IP,  IP_TTL,            OPTION_NUMBER,  false},
    {"IP_TOS",            "tos",           IPPROTO_IP,  IP_TOS,            OPTION_NUMBER,  false},
    {"IP_MTU",            "mtu",           IPPROTO_IP,  IP_MTU,            OPTION_BYTES,   true},
    {"IP_MTU_DISCOVER",   "mtu_discover",  IPPROTO_IP,  IP_MTU_DISCOVER,   OPTION_NUMBER,  false},
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
    int value = (int)number;
    struct linger linger = {.l_onoff = number >= 0, .l_linger = value};
    if (o->unit == OPTION_WORD)
        return setsockopt(fd, o->level, o->number, word, (socklen_t)strlen(word));
    if (o->unit == OPTION_LINGER)
        return setsockopt(fd, o->level, o->number, &linger, sizeof linger);
    return setsockopt(fd, o->level, o->number, &value, sizeof value);
}

int option_get(int fd, const struct option *o, int64_t *number, char word[OPTION_TEXT])
{
    int value = 0;
    struct linger linger = {0};
    socklen_t len = o->unit == OPTION_LINGER ? sizeof linger : sizeof value;
    if (o->unit == OPTION_WORD) {
        len = OPTION_TEXT - 1;
        memset(word, 0, OPTION_TEXT);
        return getsockopt(fd, o->level, o->number, word, &len);
    }
    void *at = o->unit == OPTION_LINGER ? (void *)&linger : &value;
    if (getsockopt(fd, o->level, o->number, at, &len) != 0)
        return -1;
    *number = o->unit != OPTION_LINGER ? value : linger.l_onoff ? linger.l_linger : -1;
    return 0;
}
