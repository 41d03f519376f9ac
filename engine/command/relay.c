// Implementation of relay.h, see termios(3) and pty(7).
#include "command/relay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return true;
}

static void follow_size(int master)
{
    struct winsize size;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        ioctl(master, TIOCSWINSZ, &size);
}

// One turn; false: the other side is gone.
static bool turn(struct pollfd waits[3])
{
    char bytes[4096];
    int master = waits[1].fd;
    if (poll(waits, 3, -1) < 0)
        return errno == EINTR;
    if (waits[2].revents) {
        struct signalfd_siginfo info;
        (void)!read(waits[2].fd, &info, sizeof info);
        follow_size(master);
    }
    if (waits[1].revents) {
        ssize_t n = read(master, bytes, sizeof bytes);
        if (n <= 0 || !write_all(STDOUT_FILENO, bytes, (size_t)n))
            return n < 0 && errno == EINTR;
    }
    if (waits[0].revents) {
        ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
        if (n > 0)
            return write_all(master, bytes, (size_t)n);
        waits[0].fd = -1;
        // Not ^D: it is lost while the shell takes the terminal for its own editing.
        return write_all(master, "\nexit\n", 6);
    }
    return true;
}

void relay_run(int master)
{
    struct termios before, raw;
    sigset_t resized;
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    sigemptyset(&resized);
    sigaddset(&resized, SIGWINCH);
    sigprocmask(SIG_BLOCK, &resized, NULL);
    struct pollfd waits[3] = {{.fd = STDIN_FILENO, .events = POLLIN},
                              {.fd = master, .events = POLLIN},
                              {.fd = signalfd(-1, &resized, SFD_CLOEXEC), .events = POLLIN}};
    if (is_terminal) {
        raw = before;
        cfmakeraw(&raw);
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
        follow_size(master);
    }
    while (turn(waits))
        ;
    if (is_terminal)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    close(waits[2].fd);
}
