// Implementation of program.h.
#include "stage/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "event/addr.h"
#include "stage/stage.h"

#define READ_LEN (64 * 1024) // what a pipe holds
#define LINE_MAX_LEN 4096    // without a newline, it is shown all the same

static void put_text(struct event *e, struct span *span, const char *text)
{
    event_put_text(e, EVENT_MAX, span, text, strlen(text));
}

// ---------------------------------------------------------------- what it prints

static void close_stream(struct program_stream *s)
{
    if (s->io.fd < 0)
        return;
    ev_io_stop(s->program->stage->loop, &s->io);
    close(s->io.fd);
    ev_io_set(&s->io, -1, EV_READ);
}

// Whole lines; the rest when it has become one, is long enough, or nothing more comes.
static void log_output(struct program_stream *s, bool all)
{
    struct program *p = s->program;
    while (s->told < s->text.len) {
        const char *from = s->text.ptr + s->told;
        size_t len = s->text.len - s->told;
        if (len > READ_LEN)
            len = READ_LEN;
        const char *end = memrchr(from, '\n', len);
        if (end)
            len = (size_t)(end - from) + 1;
        else if (!all && len < LINE_MAX_LEN)
            return;
        struct event *e = log_begin(&p->stage->log, EVENT_OUTPUT, NULL, p->host->number, p->began);
        e->as.output.stream = (uint32_t)(s - p->streams);
        put_text(e, &e->as.output.program, p->name);
        event_put_text(e, EVENT_MAX, &e->as.output.text, from, len - (end != NULL));
        log_commit(&p->stage->log, e);
        s->told += len;
    }
}

// Takes what is there, one pipe full at most. False: there is no more now.
static bool read_stream(struct program_stream *s)
{
    if (s->io.fd < 0)
        return false;
    ssize_t n = read(s->io.fd, buf_room(&s->text, READ_LEN), READ_LEN);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n > 0)
        s->text.len += (size_t)n;
    if (s->text.len > PROGRAM_OUTPUT_MAX)
        s->program->cut = true;
    bool closed = n <= 0 || s->program->cut;
    if (closed)
        close_stream(s); // a program that goes on printing then gets SIGPIPE
    log_output(s, closed);
    return !closed;
}

static void readable(struct ev_loop *loop, struct ev_io *io, int revents)
{
    (void)loop, (void)revents;
    read_stream(io->data);
}

// ---------------------------------------------------------------- its life

static bool name_taken(const struct stage *s, const char *name)
{
    const struct program *p;
    TAILQ_FOREACH(p, &s->programs, link)
    if (strcmp(p->name, name) == 0)
        return true;
    return false;
}

static char *unique_name(const struct stage *s, const char *command)
{
    char text[256];
    const char *slash = strrchr(command, '/');
    const char *plain = slash && slash[1] ? slash + 1 : command;
    snprintf(text, sizeof text, "%.200s", plain);
    for (unsigned n = 2; name_taken(s, text); n++)
        snprintf(text, sizeof text, "%.200s#%u", plain, n);
    return mem_text(text, strlen(text));
}

// As it would be typed; an argument with blanks in it stands in quotes.
static char *command_line(const struct launch *l)
{
    struct buf text = {0};
    for (uint32_t i = 0; i < l->arg_count; i++) {
        const char *quote = l->args[i][strcspn(l->args[i], " \t\n\"'|&;<>()$`\\*?#~")] ? "'" : "";
        if (!*l->args[i])
            quote = "'";
        buf_printf(&text, "%s%s%s%s", i ? " " : "", quote, l->args[i], quote);
    }
    char *line = mem_text(text.ptr, text.len);
    buf_fini(&text);
    return line;
}

static struct event *log_program(const struct program *p, const struct actor *actor, uint64_t cause)
{
    struct event *e = log_begin(&p->stage->log, EVENT_PROGRAM, actor, p->host->number, cause);
    put_text(e, &e->as.program.program, p->name);
    return e;
}

// It is told when it is asked for, as its packets may be here before the front's answer.
static void log_beginning(struct program *p, const struct actor *actor, const char *command)
{
    struct event *e = log_program(p, actor, 0);
    put_text(e, &e->as.program.command, command);
    p->began_ns = e->t;
    p->began = log_commit(&p->stage->log, e);
}

// Every host under its name, with all its addresses.
static void put_hosts(const struct stage *s, struct buf *text)
{
    char address[ADDR_TEXT];
    buf_text(text, "127.0.0.1 localhost\n::1 localhost ip6-localhost\n");
    for (uint32_t i = 0; i < s->host_count; i++) {
        const struct host *h = s->hosts[i];
        if (h->name[strcspn(h->name, " \t\n#")])
            continue; // no name for this file
        for (const struct port *port = h->ports; port; port = port->next) {
            buf_printf(text, "%s %s\n", addr_text(&port->end.address, address), h->name);
            if (port->end.address6.family)
                buf_printf(text, "%s %s\n", addr_text(&port->end.address6, address), h->name);
        }
    }
}

// The front needs the host's namespace and what to call everybody there.
static int show_host(struct host *h)
{
    struct buf text = {0};
    if (h->shown)
        return 0;
    buf_put(&text, h->name, strlen(h->name) + 1);
    put_hosts(h->stage, &text);
    int failed =
        control_post(h->stage->control, CONTROL_HOST, h->number, text.ptr, text.len, &h->ns, 1);
    buf_fini(&text);
    h->shown = !failed;
    return failed;
}

static struct program *make(struct host *h, const char *name)
{
    struct stage *s = h->stage;
    struct program *p = mem_new(sizeof *p);
    p->stage = s;
    p->host = h;
    p->number = ++s->last_program;
    p->name = unique_name(s, name);
    ready_source_init(&p->changed);
    for (int i = 0; i < OUTPUT_COUNT; i++) {
        p->streams[i].program = p;
        ev_io_init(&p->streams[i].io, readable, -1, EV_READ);
        p->streams[i].io.data = &p->streams[i];
    }
    TAILQ_INSERT_TAIL(&s->programs, p, link);
    h->has_programs = true;
    return p;
}

struct program *program_new(struct host *h, struct launch *launch, const struct actor *actor,
                            struct err *err)
{
    struct stage *s = h->stage;
    struct buf bytes = {0};
    launch->host = h->number;
    launch->path = "";
    launch_write(launch, &bytes);
    int failed = show_host(h) != 0 || control_post(s->control, CONTROL_RUN, s->last_program + 1,
                                                   bytes.ptr, bytes.len, NULL, 0) != 0;
    buf_fini(&bytes);
    if (failed && errno == EMSGSIZE)
        err_set(err, "the arguments and files of %s are more than %d KiB", launch->args[0],
                CONTROL_MAX >> 10);
    else if (failed)
        err_errno(err, "cannot ask for %s", launch->args[0]);
    if (failed)
        return NULL;
    struct program *p = make(h, launch->args[0]);
    char *command = command_line(launch);
    log_beginning(p, actor, command);
    free(command);
    return p;
}

static void refuse_visit(struct stage *s, uint32_t visit, const char *why)
{
    control_post(s->control, CONTROL_REFUSED, visit, why, strlen(why), NULL, 0);
}

static void refuse_unknown(struct stage *s, uint32_t visit, const char *name)
{
    struct buf why = {0};
    buf_printf(&why, "the scene has no host \"%.60s\"; its hosts are: ", name);
    for (uint32_t i = 0; i < s->host_count && why.len < 400; i++)
        buf_printf(&why, "%s%.60s", i ? ", " : "", s->hosts[i]->name);
    refuse_visit(s, visit, buf_string(&why));
    buf_fini(&why);
}

// Somebody comes from another terminal, to look around on a host.
static void take_visit(struct stage *s, uint32_t visit, const char *name)
{
    struct host *h = NULL;
    for (uint32_t i = 0; i < s->host_count; i++)
        if (strcmp(s->hosts[i]->name, name) == 0)
            h = s->hosts[i];
    if (s->loopback) {
        refuse_visit(s, visit, "the scene has no hosts of its own on this machine, only addresses");
    } else if (!s->built) {
        refuse_visit(s, visit, "the scene has not built its network yet: try again");
    } else if (!h) {
        refuse_unknown(s, visit, name);
    } else if (show_host(h) != 0) {
        refuse_visit(s, visit, strerror(errno));
    } else {
        struct program *p = make(h, "shell");
        struct control_shell shell = {p->number, h->number};
        log_beginning(p, NULL, "shell");
        control_post(s->control, CONTROL_SHELL, visit, &shell, sizeof shell, NULL, 0);
    }
}

void program_free(struct program *p)
{
    if (!p)
        return;
    for (int i = 0; i < OUTPUT_COUNT; i++) {
        close_stream(&p->streams[i]);
        buf_fini(&p->streams[i].text);
    }
    TAILQ_REMOVE(&p->stage->programs, p, link);
    free(p->name);
    free(p);
}

const char *program_signal(const struct program *p, char text[PROGRAM_SIGNAL])
{
    text[0] = '\0';
    if (p->phase != PROGRAM_ENDED || !WIFSIGNALED(p->status))
        return text;
    const char *name = sigabbrev_np(WTERMSIG(p->status));
    if (name)
        snprintf(text, PROGRAM_SIGNAL, "SIG%s", name);
    else
        snprintf(text, PROGRAM_SIGNAL, "signal %d", WTERMSIG(p->status));
    return text;
}

static void begin(struct program *p, struct control_message *m)
{
    p->phase = PROGRAM_RUNS;
    for (int i = 0; i < OUTPUT_COUNT; i++) {
        int fd = control_take_fd(m, (size_t)i);
        if (fd < 0)
            continue;
        fcntl(fd, F_SETFL, O_NONBLOCK);
        ev_io_set(&p->streams[i].io, fd, EV_READ);
        ev_io_start(p->stage->loop, &p->streams[i].io);
    }
}

// What it has printed comes before its end. Somebody whom it left behind may go on printing, and
// is not waited for.
static void finish(struct program *p, int status)
{
    p->status = status;
    p->phase = PROGRAM_ENDED;
    for (int i = 0; i < OUTPUT_COUNT; i++) {
        for (int turns = PROGRAM_OUTPUT_MAX / READ_LEN; turns && read_stream(&p->streams[i]);
             turns--)
            ;
        log_output(&p->streams[i], true);
    }
    struct event *e = log_program(p, NULL, p->began);
    e->as.program.ended = 1;
    e->as.program.cut = p->cut;
    e->as.program.ran_ns = e->t - p->began_ns;
    char signal[PROGRAM_SIGNAL];
    put_text(e, &e->as.program.signal, program_signal(p, signal));
    if (WIFEXITED(status))
        e->as.program.status = WEXITSTATUS(status);
    log_commit(&p->stage->log, e);
}

static void fail(struct program *p, const char *why)
{
    err_set(&p->why, "%s", why);
    p->phase = PROGRAM_FAILED;
    struct event *e = log_program(p, NULL, p->began);
    e->as.program.ended = 1;
    put_text(e, &e->as.program.why, why);
    log_commit(&p->stage->log, e);
}

void program_end(struct program *p)
{
    if (p->phase == PROGRAM_ASKED || p->phase == PROGRAM_RUNS)
        control_post(p->stage->control, CONTROL_END, p->number, NULL, 0, NULL, 0);
}

static struct program *find(const struct stage *s, uint32_t number)
{
    struct program *p;
    TAILQ_FOREACH(p, &s->programs, link)
    if (p->number == number)
        return p;
    return NULL;
}

// Whether any runs, or will, on that host; NULL: on any.
static bool run_on(const struct stage *s, const struct host *h)
{
    const struct program *p;
    TAILQ_FOREACH(p, &s->programs, link)
    if ((p->phase == PROGRAM_ASKED || p->phase == PROGRAM_RUNS) && (!h || p->host == h))
        return true;
    return false;
}

bool program_take(struct stage *s, struct control_message *m)
{
    struct program *p = find(s, m->number);
    struct control_ended ended;
    switch (m->type) {
    case CONTROL_VISIT:
        take_visit(s, m->number, m->bytes);
        return true;
    case CONTROL_STARTED:
        if (p && p->phase == PROGRAM_ASKED)
            begin(p, m);
        break;
    case CONTROL_FAILED:
        if (p && p->phase == PROGRAM_ASKED)
            fail(p, m->bytes);
        break;
    case CONTROL_ENDED:
        memcpy(&ended, m->bytes, sizeof ended);
        if (p && p->phase == PROGRAM_RUNS)
            finish(p, ended.status);
        if (ended.alone && ended.host >= 1 && ended.host <= s->host_count)
            s->hosts[ended.host - 1]->has_programs = run_on(s, s->hosts[ended.host - 1]);
        break;
    default:
        return false;
    }
    if (p)
        ready_source_wake(&p->changed);
    return true;
}

bool programs_run(const struct stage *s)
{
    return run_on(s, NULL);
}

void programs_end(struct stage *s)
{
    struct program *p;
    TAILQ_FOREACH(p, &s->programs, link)
    program_end(p);
}
