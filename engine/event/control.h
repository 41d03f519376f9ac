// control: short messages between front and stage, over one SOCK_SEQPACKET pair.
//
// Events never travel here. Each message is one packet: a type, a number, then bytes; descriptors
// may come with it. The front speaks in the same way with the userlands of hosts
// (kernel/userland.h), in which real programs run, and with visitors (command/visitors.h).
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONTROL_MAX (128 * 1024)
#define CONTROL_FDS 3 // descriptors with one message, at most

enum control_type {
    CONTROL_KEY = 1, // front → stage: the presenter pressed; bytes: name of the key
    CONTROL_STOP,    // front → stage: end the scene, as interrupted

    // Questions of the stage. The answer has the number of the question.
    CONTROL_WANT,      // stage → front: `require`; bytes: name of the file asked for
    CONTROL_NEED,      // stage → front: may this program be run, and is it there? bytes: its name
    CONTROL_REACH,     // stage → front: may this real address be reached? bytes: HOST:PORT
    CONTROL_DIAL,      // stage → front: reach it; descriptor of the answer: see command/gate.h
    CONTROL_GRANTED,   // front → stage: yes; bytes: the text of the file
    CONTROL_REFUSED,   // front → stage: it is not there; bytes: why
    CONTROL_FORBIDDEN, // front → stage: the user has not allowed it; bytes: what would help

    // Real programs. The number is the host's (CONTROL_HOST) or the program's.
    CONTROL_HOST, // stage → front: where programs will run; descriptor: its network namespace;
                  // bytes: its name NUL, its /etc/hosts
    CONTROL_RUN,  // stage → front → userland: start one; bytes: launch.h; descriptors, to the
                  // userland: the file, its standard output and error
    CONTROL_END,  // stage → front → userland: end it, politely at first
    CONTROL_STARTED, // userland → front → stage: it runs; descriptors, to the stage: what it
                     // prints; of a shell, to the visitor: its terminal
    CONTROL_FAILED,  // userland → front → stage: it does not; bytes: why
    CONTROL_ENDED,   // userland → front → stage: bytes: struct control_ended

    // Shells for visitors from another terminal. The number is the visit's, but the shell's where
    // a userland is told.
    CONTROL_WHO, // visitor → front: which scene is it? The answer is CONTROL_GRANTED with its name
    CONTROL_VISIT, // visitor → front: bytes: name of a host NUL, type of the terminal;
                   // front → stage: bytes: the name. What stands against it: CONTROL_REFUSED
    CONTROL_SHELL, // stage → front: bytes: struct control_shell; front → userland: bytes: type of
                   // the terminal
};

// The stage has made a program of the shell that a visitor wants.
struct control_shell {
    uint32_t program, host;
};

// How a program ended; number 0: only processes that nobody had asked for.
struct control_ended {
    int32_t status; // as waitpid(2) gives it
    uint32_t alone; // 1: no process is left on the host
    uint32_t host;
};

struct control_message {
    uint32_t type, number, len, fd_count;
    int fds[CONTROL_FDS];        // those not taken are closed with the next message
    char bytes[CONTROL_MAX + 1]; // a NUL behind them
};

int control_pair(int fds[2]); // -1 with errno

// Both wait for room; -1 with errno. The descriptors stay the caller's.
int control_send(int fd, enum control_type type, const void *bytes, size_t len);
int control_post(int fd, enum control_type type, uint32_t number, const void *bytes, size_t len,
                 const int *fds, size_t fd_count);

// 1 a message, 0 nothing there, -1 the other side is gone.
int control_receive(int fd, struct control_message *m);

int control_take_fd(struct control_message *m, size_t i); // the caller's from now on; -1: none
void control_close_fds(struct control_message *m);        // those that nobody took
