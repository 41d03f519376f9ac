// wirescene shell: a shell on a host of a scene that runs in another terminal.
#include <getopt.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/performance.h"
#include "command/relay.h"
#include "command/visitors.h"

#define SCENES_MAX 64
#define PATIENCE_MS 10000 // for the scene to open a shell

static const char usage[] =
    "usage: wirescene shell [SCENE] HOST\n"
    "\n"
    "Opens a shell on a host of a scene that runs just now, to look around by hand: tcpdump,\n"
    "termshark, ss, ip, nmap. Programs there see what real programs of scenes see, and their "
    "packets\n"
    "stand in the scene as theirs. The shell keeps no scene alive, and ends with it.\n"
    "\n"
    "SCENE, the name of its file or the number of its process, is needed if several run. The exit\n"
    "status is that of the shell.\n"
    "\n"
    "  wirescene shell server\n"
    "  wirescene shell ping-pong.lua client\n";

static int wrong(const char *format, const char *what)
{
    fputs("wirescene: ", stderr);
    fprintf(stderr, format, what);
    fputs("; see wirescene shell --help\n", stderr);
    return STATUS_WRONG;
}

static bool is_meant(const struct scene_found *one, const char *scene)
{
    char *copy = mem_text(scene, strlen(scene)), pid[16];
    snprintf(pid, sizeof pid, "%d", one->pid);
    bool is = strcmp(basename(copy), one->name) == 0 || strcmp(scene, pid) == 0;
    free(copy);
    return is;
}

// The one scene that is meant; NULL with a sentence if there is none or more than one.
static const struct scene_found *choose(const struct scene_found *found, size_t count,
                                        const char *scene, struct err *err)
{
    const struct scene_found *chosen = NULL;
    struct buf names = {0};
    size_t fitting = 0;
    for (size_t i = 0; i < count; i++) {
        if (scene && !is_meant(&found[i], scene))
            continue;
        chosen = &found[i];
        buf_printf(&names, "%s%s (process %d)", fitting++ ? ", " : "", chosen->name, chosen->pid);
    }
    if (!fitting && scene)
        err_set(err, "the scene %.100s does not run just now: start it in another terminal", scene);
    else if (!fitting)
        err_set(err, "no scene of yours runs just now: start one in another terminal");
    else if (fitting > 1)
        err_set(err,
                "several scenes run just now: %.300s; say which: wirescene shell SCENE HOST, by "
                "name or process",
                buf_string(&names));
    buf_fini(&names);
    return fitting == 1 ? chosen : NULL;
}

// The next message of the front; false: there is none.
static bool next(int fd, struct control_message *m, int patience_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, patience_ms) > 0 && control_receive(fd, m) > 0;
}

static int visit(int fd, const char *host, struct err *err)
{
    struct control_message *m = mem_new(sizeof *m);
    struct buf asked = {0};
    const char *terminal = getenv("TERM");
    int status = STATUS_MACHINE, master = -1;
    buf_put(&asked, host, strlen(host) + 1);
    buf_text(&asked, terminal && *terminal ? terminal : "dumb");
    if (control_send(fd, CONTROL_VISIT, asked.ptr, asked.len) != 0 || !next(fd, m, PATIENCE_MS)) {
        err_set(err, "the scene has ended, or does not answer");
    } else if (m->type == CONTROL_STARTED && (master = control_take_fd(m, 0)) >= 0) {
        relay_run(master);
        struct control_ended ended = {.status = SIGHUP};
        if (next(fd, m, PATIENCE_MS) && m->type == CONTROL_ENDED)
            memcpy(&ended, m->bytes, sizeof ended);
        status = WIFEXITED(ended.status) ? WEXITSTATUS(ended.status) : STATUS_OK;
        if (!WIFEXITED(ended.status))
            fputs("\nThe scene has ended.\n", stderr);
    } else {
        err_set(err, "%s", m->bytes);
        status = STATUS_WRONG;
    }
    if (master >= 0)
        close(master);
    control_close_fds(m);
    free(m);
    buf_fini(&asked);
    return status;
}

int command_shell(int argc, char **argv)
{
    static const struct option names[] = {{"help", no_argument, NULL, 'h'}, {0}};
    struct scene_found found[SCENES_MAX];
    struct err err = {""};
    opterr = 0;
    int option = getopt_long(argc, argv, ":h", names, NULL);
    if (option == 'h') {
        fputs(usage, stdout);
        return STATUS_OK;
    }
    if (option != -1)
        return wrong("unknown option %s", argv[optind - 1]);
    if (argc - optind < 1 || argc - optind > 2)
        return wrong("%s", "which host? wirescene shell [SCENE] HOST");
    const char *scene = argc - optind == 2 ? argv[optind] : NULL;
    size_t count = visitors_find(found, SCENES_MAX);
    const struct scene_found *chosen = choose(found, count, scene, &err);
    int status = chosen ? visit(chosen->fd, argv[argc - 1], &err) : STATUS_WRONG;
    if (err.text[0])
        fprintf(stderr, "wirescene: %s\n", err.text);
    for (size_t i = 0; i < count; i++)
        close(found[i].fd);
    return status;
}
