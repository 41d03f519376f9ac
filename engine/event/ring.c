// Implementation of ring.h.
//
// Positions only grow; a place in the ring is the position modulo its length. Each side sleeps on
// an eventfd of its own, after raising a flag that the other side looks at behind a full fence.
#include "event/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "event/event.h"

struct shared {
    _Alignas(64) _Atomic uint64_t tail; // written so far
    _Alignas(64) _Atomic uint64_t head; // read so far
    _Alignas(64) _Atomic uint32_t reader_sleeps, writer_sleeps;
    _Atomic uint64_t waits; // how often the writer has slept for room
    struct ring_last_words words;
};

struct ring {
    struct shared *shared;
    char *bytes;
    uint64_t at; // writer: its own tail; reader: its own head
    int reader_fd, writer_fd;
};

#define PAGE 4096

struct ring *ring_new(struct err *err)
{
    struct ring *r = mem_new(sizeof *r);
    r->reader_fd = r->writer_fd = -1;
    int fd = memfd_create("wirescene-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || ftruncate(fd, PAGE + RING_LEN) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        goto failed;
    void *map = mmap(NULL, PAGE + RING_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        goto failed;
    r->shared = map;
    r->bytes = (char *)map + PAGE;
    r->reader_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r->writer_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->reader_fd < 0 || r->writer_fd < 0)
        goto failed;
    close(fd);
    return r;
failed:
    err_errno(err, "cannot share memory between the two processes");
    if (fd >= 0)
        close(fd);
    ring_free(r);
    return NULL;
}

void ring_free(struct ring *r)
{
    if (!r)
        return;
    if (r->shared)
        munmap(r->shared, PAGE + RING_LEN);
    if (r->reader_fd >= 0)
        close(r->reader_fd);
    if (r->writer_fd >= 0)
        close(r->writer_fd);
    free(r);
}

static void wake(_Atomic uint32_t *sleeps, int fd)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(sleeps, memory_order_relaxed) && atomic_exchange(sleeps, 0)) {
        ssize_t n = write(fd, &(uint64_t){1}, 8);
        (void)n; // the counter of an eventfd does not fill up here
    }
}

static void wait_for_room(struct ring *r, uint64_t needed)
{
    struct shared *s = r->shared;
    while (RING_LEN - (r->at - atomic_load_explicit(&s->head, memory_order_acquire)) < needed) {
        atomic_store(&s->writer_sleeps, 1);
        if (RING_LEN - (r->at - atomic_load(&s->head)) >= needed)
            break;
        atomic_fetch_add_explicit(&s->waits, 1, memory_order_relaxed);
        struct pollfd p = {.fd = r->writer_fd, .events = POLLIN};
        uint64_t count;
        if (poll(&p, 1, -1) > 0 && read(r->writer_fd, &count, 8) < 0)
            continue;
    }
}

void *ring_reserve(struct ring *r, size_t len)
{
    size_t to_end = RING_LEN - r->at % RING_LEN;
    if (to_end < len) { // fill up the end, so that no record wraps
        wait_for_room(r, to_end);
        struct event *padding = (struct event *)(r->bytes + r->at % RING_LEN);
        padding->len = (uint32_t)to_end;
        padding->type = EVENT_PADDING;
        padding->source = 0;
        ring_commit(r, to_end);
    }
    wait_for_room(r, len);
    return r->bytes + r->at % RING_LEN;
}

void ring_commit(struct ring *r, size_t len)
{
    r->at += len;
    atomic_store_explicit(&r->shared->tail, r->at, memory_order_release);
    wake(&r->shared->reader_sleeps, r->reader_fd);
}

void ring_leave_words(struct ring *r, struct ring_last_words words)
{
    r->shared->words = words;
}

const void *ring_peek(struct ring *r, size_t *len)
{
    uint64_t there = atomic_load_explicit(&r->shared->tail, memory_order_acquire) - r->at;
    size_t to_end = RING_LEN - r->at % RING_LEN;
    if (there > RING_LEN) // only a broken writer says so
        there = RING_LEN;
    *len = there < to_end ? there : to_end;
    return r->bytes + r->at % RING_LEN;
}

void ring_release(struct ring *r, size_t len)
{
    r->at += len;
    atomic_store_explicit(&r->shared->head, r->at, memory_order_release);
    wake(&r->shared->writer_sleeps, r->writer_fd);
}

int ring_fd(const struct ring *r)
{
    return r->reader_fd;
}

int ring_writer_fd(const struct ring *r)
{
    return r->writer_fd;
}

int ring_sleep(struct ring *r)
{
    uint64_t count;
    if (read(r->reader_fd, &count, 8) < 0 && errno != EAGAIN)
        return 1;
    atomic_store(&r->shared->reader_sleeps, 1);
    return atomic_load(&r->shared->tail) != r->at;
}

uint64_t ring_waits(const struct ring *r)
{
    return atomic_load_explicit(&r->shared->waits, memory_order_relaxed);
}

struct ring_last_words ring_words(const struct ring *r)
{
    return r->shared->words;
}
