// Implementation of spool.h.
#include "command/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

#define READ_LEN (1u << 20)
#define GATHER_MS 1 // an event is seen at most that much later

struct spool {
    struct ring *ring;    // (borrowed)
    int file, news, stop; // news, stop: eventfds
    pthread_t thread;
    bool running;
    _Atomic uint64_t written; // bytes in the file
    struct err trouble;
    atomic_bool lost;  // something did not go into the file; trouble says why
    char *bytes;       // (owned) the part of the file that is being read
    size_t first, len; // what of it is still to be read
    uint64_t read_to;  // bytes of the file that came into `bytes`
};

const char *spool_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

static int open_file(void)
{
    int fd = open(spool_folder(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd >= 0 ? fd : memfd_create("wirescene-spool", MFD_CLOEXEC);
}

static void signal_fd(int fd)
{
    ssize_t n = write(fd, &(uint64_t){1}, 8);
    (void)n; // only fails when it is readable already
}

// What has gone into the file counts, even if the rest does not.
static bool write_all(struct spool *s, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(s->file, bytes, len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            atomic_fetch_add(&s->written, (size_t)n);
            bytes += n;
            len -= (size_t)n;
        }
    }
    return true;
}

static void lose(struct spool *s)
{
    err_errno(&s->trouble, "cannot keep the events of the scene in a temporary file");
    atomic_store(&s->lost, true);
}

// Copies all that is there. Without a place for it the events are lost, but the
// stage goes on.
static void copy(struct spool *s)
{
    size_t len;
    const void *bytes;
    while (bytes = ring_peek(s->ring, &len), len) {
        if (!s->trouble.text[0] && !write_all(s, bytes, len))
            lose(s);
        ring_release(s->ring, len);
        signal_fd(s->news);
    }
}

static void *run(void *arg)
{
    struct spool *s = arg;
    struct pollfd waits[2] = {{.fd = ring_fd(s->ring), .events = POLLIN},
                              {.fd = s->stop, .events = POLLIN}};
    while (!(waits[1].revents & POLLIN)) {
        copy(s);
        if (ring_sleep(s->ring) == 0 && poll(waits, 2, -1) > 0)
            poll(&waits[1], 1, GATHER_MS); // while this thread is awake, the stage need not wake it
    }
    copy(s);
    return NULL;
}

struct spool *spool_new(struct ring *ring, struct err *err)
{
    struct spool *s = mem_new(sizeof *s);
    s->ring = ring;
    s->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->file = open_file();
    s->bytes = mem_new(READ_LEN);
    sigset_t all, before; // signals are for the main thread
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (s->news >= 0 && s->stop >= 0 && s->file >= 0)
        s->running = pthread_create(&s->thread, NULL, run, s) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (s->running)
        return s;
    err_errno(err, "cannot make a temporary file for the events");
    spool_free(s);
    return NULL;
}

void spool_finish(struct spool *s)
{
    if (!s->running)
        return;
    signal_fd(s->stop);
    pthread_join(s->thread, NULL);
    s->running = false;
}

void spool_free(struct spool *s)
{
    if (!s)
        return;
    spool_finish(s);
    int fds[] = {s->file, s->news, s->stop};
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(s->bytes);
    free(s);
}

int spool_fd(const struct spool *s)
{
    return s->news;
}

void spool_drained(struct spool *s)
{
    uint64_t count;
    ssize_t n = read(s->news, &count, 8);
    (void)n;
}

void spool_again(struct spool *s)
{
    signal_fd(s->news);
}

// Brings more of the file in behind what is left; false if there is no more.
static bool refill(struct spool *s)
{
    uint64_t there = atomic_load(&s->written) - s->read_to;
    memmove(s->bytes, s->bytes + s->first, s->len);
    s->first = 0;
    size_t want = READ_LEN - s->len < there ? READ_LEN - s->len : (size_t)there;
    ssize_t n = want ? pread(s->file, s->bytes + s->len, want, (off_t)s->read_to) : 0;
    if (n <= 0)
        return false;
    s->len += (size_t)n;
    s->read_to += (size_t)n;
    return true;
}

const struct event *spool_next(struct spool *s, bool *broken, struct err *err)
{
    for (;;) {
        const struct event *e = (const struct event *)(s->bytes + s->first);
        // A record comes whole or not at all: the length tells how much of it must be there.
        if (s->len < 8 || (e->len <= EVENT_MAX && s->len < e->len)) {
            if (!refill(s))
                return NULL;
            continue;
        }
        if (e->type == EVENT_PADDING && e->len >= 8 && e->len % 8 == 0 && e->len <= s->len) {
            s->first += e->len;
            s->len -= e->len;
            continue;
        }
        if (event_check(e, s->len, err) != 0) {
            *broken = true;
            return NULL;
        }
        s->first += e->len;
        s->len -= e->len;
        return e;
    }
}

const char *spool_trouble(const struct spool *s)
{
    return atomic_load(&s->lost) ? s->trouble.text : NULL;
}
