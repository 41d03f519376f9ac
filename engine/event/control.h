// control: short messages between front and stage, over one SOCK_SEQPACKET pair.
//
// Events never travel here. Each message is one packet: a type, then bytes.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONTROL_MAX (128 * 1024)

enum control_type {
    CONTROL_KEY = 1, // front → stage: the presenter pressed; bytes: name of the key
    CONTROL_STOP,    // front → stage: end the scene, as interrupted
    CONTROL_WANT,    // stage → front: `require`; bytes: name of the file asked for
    CONTROL_NEED,    // stage → front: is this program there? bytes: its name
    CONTROL_GRANTED, // front → stage: yes; bytes: the text of the file
    CONTROL_REFUSED, // front → stage: no; bytes: why
};

struct control_message {
    uint32_t type, len;
    char bytes[CONTROL_MAX + 1]; // a NUL behind them
};

int control_pair(int fds[2]); // -1 with errno
int control_send(int fd, enum control_type type, const void *bytes,
                 size_t len); // waits for room; -1 with errno
int control_receive(
    int fd, struct control_message *m); // 1 a message, 0 nothing there, -1 the other side is gone
