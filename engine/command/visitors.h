// visitors: those who come to a running scene from another terminal, for a shell on one of its
// hosts (`wirescene shell`).
//
// The front of the scene listens on an abstract Unix socket whose name tells user and process, so
// that scenes are found and nothing has to be cleaned up; only its own user, and root, get in. See
// unix(7).
#pragma once

#include "command/programs.h"

struct visitors;

// `control` leads to the stage; all borrowed. NULL: nobody can come.
struct visitors *visitors_new(struct ev_loop *loop, int control, struct programs *programs,
                              const char *scene);
void visitors_free(struct visitors *v); // NULL is nothing

// Takes a message of the stage; nothing if it is about something else.
void visitors_take(struct visitors *v, const struct control_message *m);

// For a visitor: scenes of this user that run now.
struct scene_found {
    int fd; // to its front
    int pid;
    char name[128]; // of the scene's file
};
size_t visitors_find(struct scene_found *found, size_t most);
