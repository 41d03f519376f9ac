// Implementation of sink.h.
#include "command/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "event/json.h"
#include "record/pcapng.h"
#include "view/ladder.h"
#include "view/log.h"
#include "view/states.h"

#define FLUSH_LEN (64 * 1024)
#define CHUNK_LEN 4096 // what a pipe takes without waiting once it can be written to, see pipe(7)
#define BACKLOG_MAX (256 << 20) // bytes that nobody reads

struct sink {
    enum sink_form form;
    char *path; // (owned) for messages
    int fd;
    bool dead, owns_fd, regular; // regular: a file, which takes everything at once
    struct err trouble;
    struct buf out;
    size_t written;        // bytes of it
    struct cast cast;      // of json
    struct ladder *ladder; // (owned) the one that the form needs
    struct log_view *log;
    struct states_view *states;
    struct pcapng *pcapng;
};

static struct sink *make(enum sink_form form, const char *path, int fd)
{
    struct sink *s = mem_new(sizeof *s);
    s->form = form;
    s->path = mem_text(path, strlen(path));
    s->fd = fd;
    struct stat about;
    s->regular = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    cast_init(&s->cast);
    return s;
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a > b && strcmp(text + a - b, end) == 0;
}

int sink_form_of(const char *path, enum sink_form *form, struct err *err)
{
    if (strcmp(path, "-") == 0 || ends_with(path, ".pcapng"))
        *form = SINK_PCAPNG;
    else if (ends_with(path, ".jsonl"))
        *form = SINK_JSON;
    else
        return err_set(err,
                       "-o %s: the ending tells what is written; there are .jsonl (recording) and "
                       ".pcapng (Wireshark)",
                       path);
    return 0;
}

struct sink *sink_open(const char *path, uint32_t snap, struct err *err)
{
    enum sink_form form;
    if (sink_form_of(path, &form, err) != 0)
        return NULL;
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        err_errno(err, "cannot write %s", path);
        return NULL;
    }
    struct sink *s = make(form, standard ? "standard output" : path, fd);
    s->owns_fd = !standard;
    if (form == SINK_PCAPNG)
        s->pcapng = pcapng_new(snap);
    return s;
}

struct sink *sink_view(enum sink_form form, const struct view_options *options)
{
    struct sink *s = make(form, "standard output", STDOUT_FILENO);
    if (form == SINK_LADDER)
        s->ladder = ladder_new(options);
    else if (form == SINK_LOG)
        s->log = log_view_new(options);
    else if (form == SINK_STATES)
        s->states = states_view_new(options);
    return s;
}

void sink_resize(struct sink *s, size_t width, size_t height)
{
    if (s->ladder)
        ladder_resize(s->ladder, width);
    else if (s->log)
        log_view_resize(s->log, width);
    else if (s->states)
        states_view_resize(s->states, width, height);
}

bool sink_redraws(const struct sink *s)
{
    return s->states != NULL;
}

void sink_redraw(struct sink *s)
{
    if (s->states && !s->dead)
        states_view_show(s->states, &s->out);
}

void sink_leave(struct sink *s)
{
    if (s->states)
        states_view_leave(s->states);
}

static size_t left(const struct sink *s)
{
    return s->out.len - s->written;
}

void sink_event(struct sink *s, const struct event *e)
{
    if (s->dead)
        return;
    switch (s->form) {
    case SINK_LADDER:
        ladder_event(s->ladder, e, &s->out);
        break;
    case SINK_LOG:
        log_view_event(s->log, e, &s->out);
        break;
    case SINK_STATES:
        states_view_event(s->states, e, &s->out);
        break;
    case SINK_JSON:
        cast_learn(&s->cast, e);
        json_write(&s->out, e, &s->cast);
        buf_byte(&s->out, '\n');
        break;
    case SINK_PCAPNG:
        pcapng_event(s->pcapng, e, &s->out);
        break;
    }
    if (left(s) >= FLUSH_LEN)
        sink_flush(s);
}

static bool takes_more(const struct sink *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLOUT};
    int ready = 1;
    while (!s->regular && (ready = poll(&p, 1, 0)) < 0 && errno == EINTR)
        ;
    return ready != 0; // an error is found out by writing
}

static void fail(struct sink *s)
{
    s->dead = true;
    if (errno != EPIPE) // who closes the pipe has seen enough
        err_errno(&s->trouble, "cannot go on writing %s", s->path);
}

// Forgets what was written; seldom, as it moves what is behind it.
static void forget(struct sink *s)
{
    if (s->dead)
        s->written = s->out.len;
    if (s->written < s->out.len / 2)
        return;
    buf_drop(&s->out, s->written);
    s->written = 0;
}

bool sink_flush(struct sink *s)
{
    while (!s->dead && left(s) && takes_more(s)) {
        size_t len = s->regular || left(s) < CHUNK_LEN ? left(s) : CHUNK_LEN;
        ssize_t n = write(s->fd, s->out.ptr + s->written, len);
        if (n > 0)
            s->written += (size_t)n;
        else if (n < 0 && errno != EINTR && errno != EAGAIN)
            fail(s);
    }
    if (left(s) > BACKLOG_MAX) {
        s->dead = true;
        err_set(&s->trouble, "nobody reads %s: gave it up after %d MiB", s->path,
                BACKLOG_MAX >> 20);
    }
    forget(s);
    return left(s) == 0;
}

void sink_abandon(struct sink *s)
{
    s->dead = true;
    forget(s);
}

int sink_fd(const struct sink *s)
{
    return s->fd;
}

void sink_end(struct sink *s)
{
    if (s->pcapng && !s->dead)
        pcapng_end(s->pcapng, &s->out);
}

const char *sink_trouble(const struct sink *s)
{
    return s->trouble.text[0] ? s->trouble.text : NULL;
}

void sink_close(struct sink *s)
{
    if (!s)
        return;
    ladder_free(s->ladder);
    log_view_free(s->log);
    states_view_free(s->states);
    pcapng_free(s->pcapng);
    cast_fini(&s->cast);
    buf_fini(&s->out);
    if (s->owns_fd)
        close(s->fd);
    free(s->path);
    free(s);
}
