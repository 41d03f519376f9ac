// performance: one play of a scene as the front sees it.
//
// Starts the stage process, hands every event to the sinks in order, passes on keys and required
// files, and notices the stage's end however it comes: then it writes the `end` event that the
// stage could not.
#pragma once

#include "command/permits.h"
#include "command/sink.h"
#include "script/play.h"

enum {
    STATUS_OK = 0,
    STATUS_FAILED = 1,        // a check failed
    STATUS_WRONG = 2,         // the scene or the command line is wrong
    STATUS_MACHINE = 3,       // this machine cannot do it
    STATUS_INTERRUPTED = 130, // as shells say it of SIGINT
};

struct performance {
    struct play_request *request; // ring and control are filled in here
    const char *folder;           // where required files are looked for
    struct sink **sinks;
    size_t sink_count;
    bool require_wire; // fail where no wire can be had
    bool keys;         // the presenter's keyboard is taken
    bool fixed_width;  // the view keeps its width, whatever becomes of the terminal
    bool speak_errors; // errors go to standard error too, since no view shows them
    bool quiet;        // nothing at all goes to standard error
    struct allowance allowance;
    struct err trouble;                            // why it could not be played
    struct err refusal;                            // why a real program could not be run
    void (*see)(void *arg, const struct event *e); // gets every event too; may be NULL
    void *see_arg;
};

// Plays it to its end; returns the exit status. Messages for people go to standard error.
int performance_run(struct performance *p);
