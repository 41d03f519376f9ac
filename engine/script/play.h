// play: one scene on the stage, from its text to its `end` event. What runs in the stage process.
#pragma once

#include <ev.h>

#include "event/control.h"
#include "event/ring.h"
#include "script/task.h"
#include "script/vm.h"

#define PLAY_DESCRIPTIONS 4
#define PLAY_QUIET_NS (250 * INT64_C(1000000)) // wires that long without a frame are quiet

struct play_param {
    const char *name, *value; // as given with --set
    bool used;                // the scene has such a knob
};

// A param of the scene.
struct knob {
    char *name, *value; // (owned)
    struct buf choices; // texts, each ended by NUL; empty: any value
};

// What the front asks for; borrowed for the whole play.
struct play_request {
    const char *name; // of the scene's file, without folders
    const char *text;
    size_t text_len;
    struct play_param *params;
    size_t param_count;
    uint64_t seed;
    uint32_t snap;   // bytes of each frame; 0: all
    bool korean;     // language of texts
    bool presented;  // somebody is there to press keys
    int64_t cue_ns;  // how long a cue takes when nobody is
    bool loopback;   // no wire can be had
    bool step;       // packets wait for the presenter
    int64_t pace_ns; // packets arrive so much apart; 0: as they come
    struct ring *ring;
    int control; // this side of control_pair()
};

struct play {
    struct play_request *request;
    struct stage stage;
    struct vm vm;
    struct tasks tasks;
    struct task *main; // (borrowed) NULL before it is made; its first event follows the scene's
    char *description[PLAY_DESCRIPTIONS]; // (owned) title, author, about, tags
    struct knob *knobs;                   // (owned) declared so far
    size_t knob_count;
    char **sources; // (owned) names of the files; 0 is the scene
    size_t source_count;
    struct ev_io control;
    struct ev_timer check;           // looks whether the scene has ended
    struct ready_source key, answer; // waits for the presenter, for the front
    uint32_t channels;               // to real addresses, that are open
    uint32_t questions;              // that the front was asked
    struct control_message *message; // (owned) what came last from the front
    uint32_t checks, failed;
    int64_t time_limit_ns, linger_ns;
    unsigned seen_stuck;           // how often in a row
    int64_t over_ns, done_ns;      // when the last actor of the story ended, and all was quiet
                                   // then; 0: not yet
    uint64_t cue;                  // event that waits for a key; 0: none
    int64_t cue_since_ns, cues_ns; // cues_ns: all of them together; no limit counts them
    bool machine_failed;           // the network could not be made
    bool over;
    enum end_reason reason;
    struct buf end_message;
};

// Plays it; ends when the scene has ended. What it returns is the stage process's exit status; all
// that matters is in the events.
int play_run(struct play_request *request);

void play_fail(struct play *p); // an error that the scene cannot go on after: it ends

void play_describe(struct play *p, int which,
                   const char *text); // 0 title, 1 author, 2 about, 3 tags

int play_source(const struct play *p, const char *name); // index of a file, -1: none of the scene's
const char *play_source_name(const struct play *p, size_t index);
int play_add_source(struct play *p, const char *name); // index; a `source` event is the caller's
