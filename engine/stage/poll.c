// Implementation of poll.h.
#include "stage/poll.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/select.h>

#include "base/mem.h"
#include "stage/stage.h"

#define WORD_BITS (8 * sizeof(unsigned long))

size_t poll_set_size(size_t most)
{
    return sizeof(struct poll_set) + most * sizeof(struct poll_entry);
}

void poll_set_init(struct poll_set *p, struct host *h, enum call call, int64_t timeout_ns)
{
    *p = (struct poll_set){
        .asked = {.host = h, .call = call, .fd = EVENT_NONE, .timeout_ns = timeout_ns}};
    ready_source_init(&p->any);
}

void poll_set_add(struct poll_set *p, struct sock *s, uint32_t wants)
{
    struct many_asked *asked = &p->asked;
    p->entries[p->count++] = (struct poll_entry){.set = p, .sock = s, .wants = wants};
    asked->count++;
    if (asked->watched < EVENT_WATCHED)
        asked->watches[asked->watched++] = many_watched(s, wants);
}

static int ask_poll(struct poll_set *p)
{
    struct pollfd *fds = mem_new((p->count + 1) * sizeof *fds);
    for (size_t i = 0; i < p->count; i++) {
        const struct poll_entry *e = &p->entries[i];
        fds[i].fd = e->sock->fd; // poll(2) passes over what is below 0
        fds[i].events =
            (short)((e->wants & WATCH_READ ? POLLIN : 0) | (e->wants & WATCH_WRITE ? POLLOUT : 0));
    }
    int result = poll(fds, p->count, 0), error = errno;
    for (size_t i = 0; i < p->count; i++) {
        short found = fds[i].revents;
        p->entries[i].ready =
            (found & POLLIN ? WATCH_READ : 0) | (found & POLLOUT ? WATCH_WRITE : 0) |
            (found & POLLHUP ? WATCH_HANGUP : 0) | (found & POLLERR ? WATCH_ERROR : 0);
    }
    free(fds);
    errno = error;
    return result;
}

// The sets of select(2), large enough for the stage's own descriptors, which are not those that the
// host sees; the kernel has no limit but that of libc's type.
struct bits {
    unsigned long *words[WAIT_WAYS]; // (owned)
    int limit;                       // above the highest descriptor
};

static void bits_init(struct bits *b, const struct poll_set *p)
{
    b->limit = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->entries[i].sock->fd >= b->limit)
            b->limit = p->entries[i].sock->fd + 1;
    for (int way = 0; way < WAIT_WAYS; way++)
        b->words[way] = mem_new(((size_t)b->limit / WORD_BITS + 1) * sizeof(unsigned long));
}

static void bits_fini(struct bits *b)
{
    for (int way = 0; way < WAIT_WAYS; way++)
        free(b->words[way]);
}

static unsigned long *word(const struct bits *b, int way, int fd)
{
    return &b->words[way][(size_t)fd / WORD_BITS];
}

static unsigned long bit(int fd)
{
    return 1ul << ((size_t)fd % WORD_BITS);
}

static int ask_select(struct poll_set *p)
{
    static const uint32_t wanted[] = {[WAIT_READ] = WATCH_READ, [WAIT_WRITE] = WATCH_WRITE};
    struct bits b;
    bits_init(&b, p);
    for (size_t i = 0; i < p->count; i++)
        for (int way = 0, fd = p->entries[i].sock->fd; fd >= 0 && way < WAIT_WAYS; way++)
            if (p->entries[i].wants & wanted[way])
                *word(&b, way, fd) |= bit(fd);
    int result = select(b.limit, (fd_set *)(void *)b.words[WAIT_READ],
                        (fd_set *)(void *)b.words[WAIT_WRITE], NULL, &(struct timeval){0});
    int error = errno;
    for (size_t i = 0; i < p->count; i++) {
        p->entries[i].ready = 0;
        for (int way = 0, fd = p->entries[i].sock->fd; fd >= 0 && way < WAIT_WAYS; way++)
            if (p->entries[i].wants & wanted[way] && *word(&b, way, fd) & bit(fd))
                p->entries[i].ready |= wanted[way];
    }
    bits_fini(&b);
    errno = error;
    return result;
}

int poll_call(struct poll_set *p, struct actor *a, bool may_wait, bool *spins)
{
    struct many_found found = {.count = 0};
    wire_drain(p->asked.host, NULL);
    int result = p->asked.call == CALL_POLL ? ask_poll(p) : ask_select(p), error = errno;
    if (result == 0 && may_wait) {
        many_block(&p->asked, a);
        return -1;
    }
    for (size_t i = 0; i < p->count; i++)
        if (p->entries[i].ready)
            many_find(&found, p->entries[i].sock, p->entries[i].ready, false);
    *spins = !many_log(&p->asked, a, result, error, &found);
    errno = error;
    return result;
}

static void entry_woken(struct wait *w, enum wait_result result)
{
    struct poll_entry *e = (struct poll_entry *)(w - w->way);
    if (result == WAIT_READY)
        ready_source_wake(&e->set->any);
}

void poll_arm(struct poll_set *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct poll_entry *e = &p->entries[i];
        if (e->sock->fd < 0)
            continue;
        // Hang-ups and errors wake both ways: whoever asks for one is told.
        if (e->wants & WATCH_READ)
            sock_wait(e->sock, &e->waits[WAIT_READ], WAIT_READ, WAIT_FOREVER, entry_woken);
        if (e->wants & WATCH_WRITE)
            sock_wait(e->sock, &e->waits[WAIT_WRITE], WAIT_WRITE, WAIT_FOREVER, entry_woken);
    }
}

void poll_rest(struct poll_set *p)
{
    for (size_t i = 0; i < p->count; i++)
        for (int way = 0; way < WAIT_WAYS; way++)
            wait_stop(&p->entries[i].waits[way]);
}
