// Implementation of keys.h, see termios(3).
#include "command/keys.h"

#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool taken;

static bool key_by_key(void)
{
    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); // ISIG stays: Ctrl-C ends the scene
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

void keys_again(void)
{
    if (taken)
        key_by_key();
}

bool keys_take(void)
{
    if (taken || tcgetattr(STDIN_FILENO, &before) != 0)
        return taken;
    taken = key_by_key();
    if (taken)
        atexit(keys_release);
    return taken;
}

void keys_release(void)
{
    if (taken)
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
    taken = false;
}

const char *keys_next(void)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    char key;
    while (poll(&p, 1, 0) > 0 && read(STDIN_FILENO, &key, 1) == 1)
        switch (key) {
        case ' ':
            return "space";
        case '\n':
        case '\r':
            return "enter";
        case 'q':
            return "q";
        case 'd':
            return "d";
        case '2':
            return "2";
        case '+':
            return "+";
        case '-':
            return "-";
        case 'y':
            return "y";
        case 'n':
            return "n";
        }
    return NULL;
}
