// program: a real program that runs on a host, as the stage sees it: what was asked for, what it
// prints, how it ends.
//
// The front starts it in the host's userland (kernel/userland.h); its output comes through two
// pipes, which the stage reads as it comes. Programs belong to the stage until it is over.
#pragma once

#include <ev.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "event/control.h"
#include "event/event.h"
#include "event/launch.h"
#include "stage/actor.h"
#include "stage/ready.h"

#define PROGRAM_OUTPUT_MAX (4 << 20) // bytes kept of each stream; who prints more is cut off

struct stage;
struct host;

enum program_phase { PROGRAM_ASKED, PROGRAM_RUNS, PROGRAM_ENDED, PROGRAM_FAILED };

struct program_stream {
    struct program *program; // (borrowed) the one it is part of
    struct ev_io io;         // its fd is the pipe; -1: closed
    struct buf text;         // all that was printed so far
    size_t told;             // bytes of it that are in events
};

struct program {
    TAILQ_ENTRY(program) link;
    struct stage *stage; // (borrowed)
    struct host *host;   // (borrowed)
    uint32_t number;     // from 1
    enum program_phase phase;
    char *name;                  // (owned) unique in the scene
    int status;                  // when it has ended: as waitpid(2) gives it
    bool cut;                    // it printed too much
    struct err why;              // when it has failed
    uint64_t began;              // id of its first event
    int64_t began_ns;            // when that was
    struct ready_source changed; // wakes whoever waits for its beginning or end
    struct program_stream streams[OUTPUT_COUNT];
};

// Asks the front to start it; `host` in the launch is filled in. NULL: it cannot be asked for.
struct program *program_new(struct host *h, struct launch *launch, const struct actor *actor,
                            struct err *err);
void program_free(struct program *p);

#define PROGRAM_SIGNAL 24
// The signal that has ended it, "SIGTERM"; "" if none did. Returns `text`.
const char *program_signal(const struct program *p, char text[PROGRAM_SIGNAL]);

void program_end(struct program *p); // asks for its end; nothing if it does not run

// A message of the front; false: it is not about programs.
bool program_take(struct stage *s, struct control_message *m);

// Real programs of the scene that have not ended.
bool programs_run(const struct stage *s);
void programs_end(struct stage *s); // asks for the end of all
