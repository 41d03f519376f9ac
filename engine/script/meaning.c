// Implementation of meaning.h.
#include "script/meaning.h"

#include <errno.h>
#include <string.h>

static const struct {
    enum socket_kind kind; // SOCKET_NONE: on any
    enum call call;        // CALL_NONE: whatever was called
    int error;
    const char *words;
} meanings[] = {
    {SOCKET_NONE, CALL_BIND, EINVAL, "this socket is bound already"},
    {SOCKET_NONE, CALL_BIND, EADDRNOTAVAIL, "this host has no such address"},
    {SOCKET_NONE, CALL_LISTEN, EINVAL, "this socket is connected, so it cannot listen"},
    {SOCKET_NONE, CALL_ACCEPT, EINVAL, "this socket does not listen"},
    {SOCKET_NONE, CALL_CONNECT, EADDRNOTAVAIL, "no free port is left for another connection there"},
    {SOCKET_NONE, CALL_CONNECT, ECONNABORTED,
     "an earlier attempt had failed; the next call begins anew"},
    {SOCKET_UDP, CALL_NONE, ECONNREFUSED,
     "connection refused: ICMP has answered an earlier datagram that nobody has this port"},
    {SOCKET_UDP, CALL_NONE, EMSGSIZE,
     "too long for one datagram, or for the path where it must not be cut into fragments"},
    {SOCKET_UDP, CALL_NONE, EPIPE, "it was shut down for sending"},
    {SOCKET_RAW, CALL_NONE, EFAULT, "it is too short to hold the header of its protocol"},
    {SOCKET_ICMP, CALL_NONE, EINVAL,
     "an icmp socket sends echo requests, which have 8 bytes of header"},
    {SOCKET_ICMP, CALL_SOCKET, EACCES,
     "this machine allows no icmp sockets (net.ipv4.ping_group_range)"},
    {SOCKET_NONE, CALL_NONE, EHOSTUNREACH,
     "no way to that host: nobody answers for its address, or a router has said so"},
    {SOCKET_NONE, CALL_NONE, ENETUNREACH, "no route to that network"},
    {SOCKET_NONE, CALL_NONE, EDESTADDRREQ, "to whom? connect says it once, sendto each time"},
    {SOCKET_NONE, CALL_EPOLL_CTL, EEXIST, "it is in this epoll already"},
    {SOCKET_NONE, CALL_EPOLL_CTL, ENOENT, "it is not in this epoll"},
    {SOCKET_NONE, CALL_NONE, EMFILE, "too many open files: no descriptor is left"},
    {SOCKET_NONE, CALL_NONE, ECONNREFUSED,
     "connection refused: the peer answered with RST, nobody listens there"},
    {SOCKET_NONE, CALL_NONE, ETIMEDOUT,
     "connection timed out: the kernel got no answer and gave up"},
    {SOCKET_NONE, CALL_NONE, ECONNRESET, "connection reset: the peer sent RST"},
    {SOCKET_NONE, CALL_NONE, EPIPE, "broken pipe: this connection can no longer send"},
    {SOCKET_NONE, CALL_NONE, EADDRINUSE, "address already in use on this host"},
    {SOCKET_NONE, CALL_NONE, EBADF, "another actor closed it meanwhile"},
    {SOCKET_NONE, CALL_NONE, EAGAIN,
     "it would have to wait, which this socket does not, or not that long"},
    {SOCKET_NONE, CALL_NONE, EINPROGRESS,
     "under way: this call does not wait for the outcome, or not that long"},
    {SOCKET_NONE, CALL_NONE, EALREADY, "an earlier attempt is still under way"},
    {SOCKET_NONE, CALL_NONE, EISCONN, "this socket is connected or listens already"},
    {SOCKET_NONE, CALL_NONE, ENOTCONN, "this socket is not connected"},
    {SOCKET_NONE, CALL_NONE, EOPNOTSUPP, "this kind of socket cannot do that"},
    {SOCKET_NONE, CALL_NONE, ENOPROTOOPT, "this kind of socket has no such option"},
};

const char *meaning_of(enum socket_kind kind, enum call call, int error, const char *code)
{
    if (code && strcmp(code, "closed") == 0)
        return "the peer has closed its side (FIN)";
    if (code && strcmp(code, "timeout") == 0)
        return "the limit set by the script is over";
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].error == error && (!meanings[i].kind || meanings[i].kind == kind) &&
            (!meanings[i].call || meanings[i].call == call))
            return meanings[i].words;
    return strerror(error);
}
