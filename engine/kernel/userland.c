// Implementation of userland.h.
//
// Namespaces of the host are entered by a helper, which then clones the process 1, tells its pid
// and is gone; as CLONE_PARENT makes it a child of ours, it ends with us.
#include "kernel/userland.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "event/control.h"
#include "kernel/init.h"
#include "kernel/netns.h"
#include "kernel/process.h"

static void tell(int control, enum control_type type, pid_t pid, const char *why)
{
    control_post(control, type, (uint32_t)pid, why, strlen(why), NULL, 0);
}

static _Noreturn void help(const struct userland_place *place, int control)
{
    struct err err = {""};
    if (place->user_ns >= 0 && setns(place->user_ns, CLONE_NEWUSER) != 0)
        err_errno(&err, "cannot enter the user namespace of %s", place->name);
    else if (place->net_ns < 0 || netns_enter(place->net_ns, &err) == 0) {
        unsigned long spaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
        if (place->net_ns < 0)
            spaces |= CLONE_NEWNET;
        pid_t pid = process_clone(spaces | CLONE_PARENT, NULL);
        if (pid == 0)
            init_run(control, place->host, place->name, place->hosts);
        if (pid > 0)
            tell(control, CONTROL_STARTED, pid, "");
        else
            err_errno(&err, "cannot make namespaces for the programs of %s", place->name);
    }
    if (err.text[0])
        tell(control, CONTROL_FAILED, 0, err.text);
    _exit(0);
}

int userland_start(struct userland *u, const struct userland_place *place, struct err *err)
{
    int ends[2];
    *u = (struct userland){.pid = -1, .control = -1};
    if (control_pair(ends) != 0)
        return err_errno(err, "cannot make a socket pair");
    u->control = ends[0];
    pid_t helper = fork();
    if (helper == 0) {
        process_forget_handlers();
        setsid(); // what the terminal signals is for the front
        help(place, ends[1]);
    }
    close(ends[1]);
    if (helper < 0) {
        err_errno(err, "cannot start a process for the programs of %s", place->name);
        userland_end(u);
        return -1;
    }
    while (waitpid(helper, NULL, 0) < 0 && errno == EINTR)
        ;
    struct control_message *answer = mem_new(sizeof *answer);
    int got = control_receive(u->control, answer); // it was sent before the helper ended
    if (got > 0 && answer->type == CONTROL_STARTED)
        u->pid = (pid_t)answer->number;
    else if (got > 0)
        err_set(err, "%s", answer->bytes);
    else
        err_set(err, "the process for the programs of %s died", place->name);
    free(answer);
    if (u->pid > 0)
        return 0;
    userland_end(u);
    return -1;
}

void userland_end(struct userland *u)
{
    if (u->pid > 0) {
        kill(u->pid, SIGKILL);
        while (waitpid(u->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (u->control >= 0)
        close(u->control);
    *u = (struct userland){.pid = -1, .control = -1};
}
