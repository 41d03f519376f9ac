// ring: carries events from the stage process to the front, through shared memory.
//
// One writer, one reader. When it is full the writer waits, so no event is lost or reordered. Made
// by the front before the stage is cloned: both then use the same mapping. The reader trusts
// nothing that stands in it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define RING_LEN (64u * 1024 * 1024)

struct ring;

// Where the stage was when it stopped answering; written by its watchdog.
struct ring_last_words {
    uint32_t actor, source, line;
};

struct ring *ring_new(struct err *err);
void ring_free(struct ring *r); // unmaps, in this process

// Writer. `len` is a multiple of 8 and at most EVENT_MAX; the memory is contiguous and 8-byte
// aligned.
void *ring_reserve(struct ring *r, size_t len);                      // waits while there is no room
void ring_commit(struct ring *r, size_t len);                        // at most what was reserved
void ring_leave_words(struct ring *r, struct ring_last_words words); // async-signal-safe

// Reader.
const void *ring_peek(struct ring *r,
                      size_t *len); // what can be read in one piece; *len 0: nothing
void ring_release(struct ring *r, size_t len);
int ring_fd(const struct ring *r); // readable after ring_sleep() when there is something
int ring_sleep(struct ring *r); // 0: nothing there, wait for the descriptor; 1: there is, read on
int ring_writer_fd(const struct ring *r);  // the other descriptor that the stage must keep
uint64_t ring_waits(const struct ring *r); // how often the writer has slept for want of room
struct ring_last_words ring_words(const struct ring *r);
