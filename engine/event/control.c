// Implementation of control.h.
#include "event/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct head {
    uint32_t type, number;
};

union room { // for descriptors, aligned as cmsg(3) wants it
    struct cmsghdr first;
    char bytes[CMSG_SPACE(CONTROL_FDS * sizeof(int))];
};

int control_pair(int fds[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds);
}

int control_send(int fd, enum control_type type, const void *bytes, size_t len)
{
    return control_post(fd, type, 0, bytes, len, NULL, 0);
}

int control_post(int fd, enum control_type type, uint32_t number, const void *bytes, size_t len,
                 const int *fds, size_t fd_count)
{
    struct head head = {type, number};
    union room room = {0};
    if (len > CONTROL_MAX) {
        errno = EMSGSIZE;
        return -1;
    }
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)bytes, len}};
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};
    if (fd_count) {
        size_t size = fd_count * sizeof *fds;
        m.msg_control = &room;
        m.msg_controllen = CMSG_SPACE(size);
        room.first.cmsg_level = SOL_SOCKET;
        room.first.cmsg_type = SCM_RIGHTS;
        room.first.cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(&room.first), fds, size);
    }
    ssize_t n;
    while ((n = sendmsg(fd, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return n < 0 ? -1 : 0;
}

static void take_fds(struct control_message *m, struct msghdr *h)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(h);
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
        return;
    m->fd_count = (uint32_t)((c->cmsg_len - CMSG_LEN(0)) / sizeof *m->fds);
    memcpy(m->fds, CMSG_DATA(c), m->fd_count * sizeof *m->fds);
}

int control_receive(int fd, struct control_message *m)
{
    struct head head;
    union room room;
    struct iovec parts[2] = {{&head, sizeof head}, {m->bytes, CONTROL_MAX}};
    struct msghdr h = {
        .msg_iov = parts, .msg_iovlen = 2, .msg_control = &room, .msg_controllen = sizeof room};
    control_close_fds(m);
    ssize_t n = recvmsg(fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    take_fds(m, &h);
    if (n < (ssize_t)sizeof head)
        return -1;
    m->type = head.type;
    m->number = head.number;
    m->len = (uint32_t)((size_t)n - sizeof head);
    m->bytes[m->len] = '\0';
    return 1;
}

int control_take_fd(struct control_message *m, size_t i)
{
    if (i >= m->fd_count)
        return -1;
    int fd = m->fds[i];
    m->fds[i] = -1;
    return fd;
}

void control_close_fds(struct control_message *m)
{
    for (uint32_t i = 0; i < m->fd_count; i++)
        if (m->fds[i] >= 0)
            close(m->fds[i]);
    m->fd_count = 0;
}
