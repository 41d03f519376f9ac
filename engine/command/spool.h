// spool: takes events out of the ring as fast as they come, whatever the outputs do.
//
// A thread copies the ring into an unlinked temporary file (the kernel keeps it in memory as long
// as there is some), so that the stage never waits for a terminal or a disk. The rest of the front
// reads the copy, and only the copy.
#pragma once

#include <stdbool.h>

#include "event/event.h"
#include "event/ring.h"

struct spool;

// Starts the thread; the ring is borrowed until spool_free(). Only after the stage was started: a
// process is not cloned beside a thread.
struct spool *spool_new(struct ring *ring, struct err *err);
void spool_free(struct spool *s);

int spool_fd(const struct spool *s); // readable when there may be something new
void spool_drained(struct spool *s); // call when it was; then read
void spool_again(struct spool *s);   // makes it readable, for who has not read everything

// The stage is gone: takes what is left in the ring and ends the thread. Returns when all is in the
// spool.
void spool_finish(struct spool *s);

// The next event, checked; valid until the next call. NULL: there is none yet. A broken one sets
// `err` and *broken.
const struct event *spool_next(struct spool *s, bool *broken, struct err *err);

// Where the temporary file is made; in memory where that cannot be.
const char *spool_folder(void);

// Why events were lost (no room on disk); NULL: none were. There will be no more.
const char *spool_trouble(const struct spool *s);
