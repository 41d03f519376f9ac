// Implementation of control.h.
#include "event/control.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

int control_pair(int fds[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds);
}

int control_send(int fd, enum control_type type, const void *bytes, size_t len)
{
    uint32_t head = type;
    if (len > CONTROL_MAX) {
        errno = EMSGSIZE;
        return -1;
    }
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)bytes, len}};
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(fd, &m, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int control_receive(int fd, struct control_message *m)
{
    struct iovec parts[2] = {{&m->type, sizeof m->type}, {m->bytes, CONTROL_MAX}};
    struct msghdr h = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n = recvmsg(fd, &h, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (n < (ssize_t)sizeof m->type)
        return -1;
    m->len = (uint32_t)((size_t)n - sizeof m->type);
    m->bytes[m->len] = '\0';
    return 1;
}
