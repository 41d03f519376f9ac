// wirescene: plays network scenarios written in Lua with real kernel sockets, and shows what
// happened.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/performance.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
} commands[] = {
    {"run", command_run, "play a scene: wirescene run SCENE.lua"},
    {"check", command_check, "play scenes and tell which hold: wirescene check PATH…"},
    {"language", command_language,
     "the words that scenes are written in, with examples: wirescene language [WORD]"},
    {"shell", command_shell,
     "a shell on a host of a scene that runs: wirescene shell [SCENE] HOST"},
    {"doctor", command_doctor,
     "what this machine can do for scenes, and what helps where it cannot"},
};

static void help(FILE *to)
{
    fputs("usage: wirescene COMMAND …\n\n", to);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].about);
    fputs("\nwirescene COMMAND --help tells more.\n", to);
}

// A file opened later must not take the place of a standard stream that was closed: what is meant
// for people would go into it.
static void keep_standard_streams(void)
{
    int fd;
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
        ;
    if (fd > STDERR_FILENO)
        close(fd);
}

int main(int argc, char **argv)
{
    keep_standard_streams();
    signal(SIGPIPE, SIG_IGN); // a reader that goes away is noticed by write(2)
    if (argc < 2) {
        help(stderr);
        return STATUS_WRONG;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help(stdout);
        return STATUS_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("wirescene " WIRESCENE_VERSION);
        return STATUS_OK;
    }
    fprintf(stderr,
            "wirescene: there is no command \"%s\"; to play a scene: wirescene run SCENE.lua\n",
            argv[1]);
    return STATUS_WRONG;
}
