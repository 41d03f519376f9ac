// Implementation of meaning.h.
#include "script/meaning.h"

#include <errno.h>
#include <string.h>

static const struct {
    enum call call; // CALL_NONE: whatever was called
    int error;
    const char *words;
} meanings[] = {
    {CALL_BIND, EINVAL, "this socket is bound already"},
    {CALL_BIND, EADDRNOTAVAIL, "this host has no such address"},
    {CALL_LISTEN, EINVAL, "this socket is connected, so it cannot listen"},
    {CALL_ACCEPT, EINVAL, "this socket does not listen"},
    {CALL_CONNECT, EADDRNOTAVAIL, "no free port is left for another connection there"},
    {CALL_CONNECT, ECONNABORTED, "an earlier attempt had failed; the next call begins anew"},
    {CALL_NONE, EMFILE, "too many open files: no descriptor is left"},
    {CALL_NONE, ECONNREFUSED,
     "connection refused: the peer answered with RST, nobody listens there"},
    {CALL_NONE, ETIMEDOUT, "connection timed out: the kernel got no answer and gave up"},
    {CALL_NONE, ECONNRESET, "connection reset: the peer sent RST"},
    {CALL_NONE, EPIPE, "broken pipe: this connection can no longer send"},
    {CALL_NONE, EADDRINUSE, "address already in use on this host"},
    {CALL_NONE, EBADF, "another actor closed it meanwhile"},
    {CALL_NONE, EAGAIN, "it would have to wait, and this socket does not"},
    {CALL_NONE, EINPROGRESS, "under way: this socket does not wait for the outcome"},
    {CALL_NONE, EALREADY, "an earlier attempt is still under way"},
    {CALL_NONE, EISCONN, "this socket is connected or listens already"},
    {CALL_NONE, ENOTCONN, "this socket is not connected"},
    {CALL_NONE, EOPNOTSUPP, "this kind of socket cannot do that"},
    {CALL_NONE, ENOPROTOOPT, "this kind of socket has no such option"},
};

const char *meaning_of(enum call call, int error, const char *code)
{
    if (code && strcmp(code, "closed") == 0)
        return "the peer has closed its side (FIN)";
    if (code && strcmp(code, "timeout") == 0)
        return "the limit set by the script is over";
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].error == error && (!meanings[i].call || meanings[i].call == call))
            return meanings[i].words;
    return strerror(error);
}
