// Implementation of performance.h.
#include "command/performance.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "command/broker.h"
#include "command/keys.h"
#include "command/spool.h"
#include "command/terminal.h"
#include "event/cast.h"
#include "kernel/confine.h"

#define STOP_PATIENCE_S 2.0 // between asking the stage to end and ending it
#define SIGNALS 6
#define FRAME_S 0.04         // between two pictures of a view that is drawn over itself
#define EVENTS_PER_TURN 1024 // then signals and keys are looked at

struct front {
    struct performance *p;
    struct spool *spool;
    struct confined stage;
    int control;
    struct control_message *message; // (owned)
    struct broker *broker;           // (owned) until the stage is gone
    bool asked;                      // the user has a question of theirs before him
    struct cast cast;
    struct ev_loop *loop;
    struct ev_io news, ended, from_stage, keyboard;
    struct ev_io *writable; // (owned) one a sink; active while its reader is slower than the scene
    struct ev_signal signals[SIGNALS];
    struct ev_timer patience, frame;
    uint64_t last_id;
    int64_t last_t;
    uint32_t checks, failed, errors, packets; // for the end that the stage could not write
    bool interrupted, broken, has_end;
    bool stage_gone, finished; // finished: the sinks have got all there is
    int wait_status;
    struct err broken_why;
    int status;
};

static int status_of(const struct event_end *end)
{
    switch (end->reason) {
    case REASON_TIME_LIMIT:
        return STATUS_FAILED;
    case REASON_INTERRUPTED:
        return STATUS_INTERRUPTED;
    case REASON_MACHINE:
        return STATUS_MACHINE;
    default:
        return end->errors ? STATUS_WRONG : end->failed ? STATUS_FAILED : STATUS_OK;
    }
}

// For people, on standard error.
static void complain(const struct front *f, const char *format, const char *what)
{
    if (f->p->quiet)
        return;
    fputs("wirescene: ", stderr);
    fprintf(stderr, format, what);
    fputc('\n', stderr);
}

static void speak(const struct front *f, const struct event *e)
{
    if (!f->p->speak_errors)
        return;
    if (e->type == EVENT_ERROR)
        fprintf(stderr, "wirescene: %.*s\n", (int)e->as.error.message.len,
                event_bytes(e, e->as.error.message));
    else if (e->type == EVENT_EXPECT && !e->as.expect.ok)
        fprintf(stderr, "wirescene: %s:%u: failed: %.*s\n", f->p->request->name, e->line,
                (int)e->as.expect.text.len, event_bytes(e, e->as.expect.text));
}

static void deliver(struct front *f, const struct event *e)
{
    cast_learn(&f->cast, e);
    f->last_id = e->id;
    f->last_t = e->t;
    f->errors += e->type == EVENT_ERROR;
    f->packets += e->type == EVENT_PACKET;
    f->checks += e->type == EVENT_EXPECT;
    f->failed += e->type == EVENT_EXPECT && !e->as.expect.ok;
    if (e->type == EVENT_END) {
        f->has_end = true;
        f->status = status_of(&e->as.end);
    }
    speak(f, e);
    if (f->p->see)
        f->p->see(f->p->see_arg, e);
    for (size_t i = 0; i < f->p->sink_count; i++)
        sink_event(f->p->sinks[i], e);
}

// Hands on what the stage has sent; false: there is more.
static bool take_events(struct front *f)
{
    const struct event *e = NULL;
    for (int n = 0; n < EVENTS_PER_TURN && !f->broken &&
                    (e = spool_next(f->spool, &f->broken, &f->broken_why));
         n++)
        deliver(f, e);
    if (f->broken)
        confine_kill(&f->stage);
    return f->broken || !e;
}

// Ends the loop when everybody has got everything.
static void flush(struct front *f)
{
    bool all = f->finished;
    for (size_t i = 0; i < f->p->sink_count; i++)
        if (!sink_flush(f->p->sinks[i])) {
            ev_io_start(f->loop, &f->writable[i]);
            all = false;
        } else {
            ev_io_stop(f->loop, &f->writable[i]);
        }
    if (all)
        ev_break(f->loop, EVBREAK_ALL);
}

static void writable(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop, (void)revents;
    flush(w->data);
}

static void write_end(struct front *f);

static void finish_sinks(struct front *f)
{
    f->finished = true;
    ev_io_stop(f->loop, &f->news);
    if (!f->has_end)
        write_end(f);
    for (size_t i = 0; i < f->p->sink_count; i++)
        sink_end(f->p->sinks[i]);
}

// A picture of what has happened by now; the next one comes when something has happened again.
static void draw_frame(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop, (void)revents;
    struct front *f = w->data;
    for (size_t i = 0; i < f->p->sink_count; i++)
        sink_redraw(f->p->sinks[i]);
    flush(f);
}

static void want_frame(struct front *f)
{
    for (size_t i = 0; i < f->p->sink_count; i++)
        if (sink_redraws(f->p->sinks[i]) && !ev_is_active(&f->frame)) {
            ev_timer_set(&f->frame, FRAME_S, 0);
            ev_timer_start(f->loop, &f->frame);
        }
}

static void news(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop, (void)revents;
    struct front *f = w->data;
    spool_drained(f->spool);
    if (spool_trouble(f->spool)) // nobody would see how it goes on
        confine_kill(&f->stage);
    if (!take_events(f))
        spool_again(f->spool);
    else if (f->stage_gone)
        finish_sinks(f);
    want_frame(f);
    flush(f);
}

// What was started for the scene ends with it.
static void end_brokerage(struct front *f)
{
    ev_io_stop(f->loop, &f->from_stage);
    const char *refusal = broker_refusal(f->broker);
    if (refusal)
        err_set(&f->p->refusal, "%s", refusal);
    broker_free(f->broker);
    f->broker = NULL;
    f->asked = false;
}

static void stage_ended(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)revents;
    struct front *f = w->data;
    ev_io_stop(loop, w);
    end_brokerage(f);
    f->wait_status = confine_wait(&f->stage);
    f->stage_gone = true;
    spool_finish(f->spool);
    spool_again(f->spool);
}

// Nobody is asked any more: neither the stage nor who reads.
static void give_up(struct front *f)
{
    confine_kill(&f->stage);
    if (!f->stage_gone)
        return;
    for (size_t i = 0; i < f->p->sink_count; i++)
        if (!sink_flush(f->p->sinks[i]))
            sink_abandon(f->p->sinks[i]);
    if (!f->finished)
        finish_sinks(f);
    flush(f);
}

static void patience_over(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)revents;
    give_up(w->data);
    ev_timer_again(loop, w);
}

// Asks the stage to end; the second time it is not asked.
static void interrupt(struct front *f)
{
    f->status = STATUS_INTERRUPTED;
    if (f->interrupted || f->stage_gone) {
        give_up(f);
        return;
    }
    f->interrupted = true;
    control_send(f->control, CONTROL_STOP, NULL, 0);
    ev_timer_again(f->loop, &f->patience);
}

static void signalled(struct ev_loop *loop, struct ev_signal *w, int revents)
{
    (void)loop, (void)revents;
    interrupt(w->data);
}

static void resized(struct ev_loop *loop, struct ev_signal *w, int revents)
{
    (void)loop, (void)revents;
    const struct front *f = w->data;
    size_t width, height;
    terminal_size(&width, &height);
    for (size_t i = 0; width && !f->p->fixed_width && i < f->p->sink_count; i++)
        sink_resize(f->p->sinks[i], width, height);
}

static void continued(struct ev_loop *loop, struct ev_signal *w, int revents)
{
    (void)loop, (void)w, (void)revents;
    keys_again();
}

// Behind what the views have shown so far, since it is the same terminal.
static void put_question(struct front *f)
{
    const char *question = broker_question(f->broker);
    if (!question || f->asked)
        return;
    for (size_t i = 0; i < f->p->sink_count; i++)
        sink_flush(f->p->sinks[i]);
    for (size_t i = 0; i < f->p->sink_count; i++)
        sink_leave(f->p->sinks[i]);
    fprintf(stderr, "\n%s ", question);
    f->asked = true;
}

static void take_answer(struct front *f, const char *key)
{
    bool yes = strcmp(key, "y") == 0;
    if (!yes && strcmp(key, "n") != 0)
        return;
    fputs(yes ? "yes\n\n" : "no\n\n", stderr);
    f->asked = false;
    broker_answer(f->broker, yes);
    put_question(f); // the next
}

static void key_pressed(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)revents;
    struct front *f = w->data;
    const char *key = keys_next();
    if (!key) { // nothing we know, or the terminal is gone
        char none;
        if (read(STDIN_FILENO, &none, 0) < 0)
            ev_io_stop(loop, w);
        return;
    }
    if (strcmp(key, "q") == 0)
        interrupt(f);
    else if (f->asked)
        take_answer(f, key);
    else if (strcmp(key, "y") != 0 && strcmp(key, "n") != 0)
        control_send(f->control, CONTROL_KEY, key, strlen(key));
}

static void stage_wants(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)revents;
    struct front *f = w->data;
    int got = control_receive(f->control, f->message);
    if (got < 0)
        ev_io_stop(loop, w); // its end comes by the other way
    if (got > 0)
        broker_take(f->broker, f->message);
    put_question(f);
}

static void watch(struct front *f)
{
    static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCONT, SIGWINCH};
    f->loop = ev_loop_new(
        EVFLAG_NOENV); // libev's default loop would reap the stage before confine_wait()
    f->broker = broker_new(&(struct broker_setup){.loop = f->loop,
                                                  .control = f->control,
                                                  .user_ns = f->stage.user_ns,
                                                  .scene = f->p->request->name,
                                                  .folder = f->p->folder,
                                                  .allowance = &f->p->allowance,
                                                  .visitors = !f->p->quiet});
    ev_io_init(&f->news, news, spool_fd(f->spool), EV_READ);
    ev_io_init(&f->ended, stage_ended, f->stage.pidfd, EV_READ);
    ev_io_init(&f->from_stage, stage_wants, f->control, EV_READ);
    ev_io_init(&f->keyboard, key_pressed, STDIN_FILENO, EV_READ);
    ev_timer_init(&f->patience, patience_over, STOP_PATIENCE_S, STOP_PATIENCE_S);
    ev_timer_init(&f->frame, draw_frame, FRAME_S, 0);
    f->writable = mem_new((f->p->sink_count + 1) * sizeof *f->writable);
    for (size_t i = 0; i < f->p->sink_count; i++) {
        ev_io_init(&f->writable[i], writable, sink_fd(f->p->sinks[i]), EV_WRITE);
        f->writable[i].data = f;
    }
    f->news.data = f->ended.data = f->from_stage.data = f->keyboard.data = f->patience.data = f;
    f->frame.data = f;
    ev_io_start(f->loop, &f->news);
    ev_io_start(f->loop, &f->ended);
    ev_io_start(f->loop, &f->from_stage);
    if (f->p->keys)
        ev_io_start(f->loop, &f->keyboard);
    for (int i = 0; i < SIGNALS; i++) {
        ev_signal_init(&f->signals[i],
                       numbers[i] == SIGCONT    ? continued
                       : numbers[i] == SIGWINCH ? resized
                                                : signalled,
                       numbers[i]);
        f->signals[i].data = f;
        ev_signal_start(f->loop, &f->signals[i]);
    }
}

static void unwatch(struct front *f)
{
    ev_io_stop(f->loop, &f->news);
    ev_io_stop(f->loop, &f->ended);
    ev_io_stop(f->loop, &f->from_stage);
    ev_io_stop(f->loop, &f->keyboard);
    ev_timer_stop(f->loop, &f->patience);
    ev_timer_stop(f->loop, &f->frame);
    for (size_t i = 0; i < f->p->sink_count; i++)
        ev_io_stop(f->loop, &f->writable[i]);
    free(f->writable);
    for (int i = 0; i < SIGNALS; i++)
        ev_signal_stop(f->loop, &f->signals[i]);
    broker_free(f->broker);
    ev_loop_destroy(f->loop);
}

static void put(struct event *e, struct span *span, const char *text)
{
    event_put_text(e, EVENT_MAX, span, text, strlen(text));
}

static struct event *own_event(struct front *f, void *room, enum event_type type)
{
    struct event *e = event_init(room, EVENT_MAX, type);
    e->id = f->last_id + 1;
    e->t = f->last_t + 1;
    return e;
}

// Why the stage is gone without having said so, in words; and what that makes of the exit status.
static void say_why(struct front *f, struct err *why)
{
    struct ring_last_words words = ring_words(f->p->request->ring);
    f->status = STATUS_MACHINE;
    if (f->broken) {
        err_set(why, "the stage process sent what is no event (%s), and was ended",
                f->broken_why.text);
    } else if (spool_trouble(f->spool)) {
        err_set(why, "%s; the scene was ended", spool_trouble(f->spool));
    } else if (f->interrupted) {
        err_set(why, "the scene was interrupted, and did not end in time");
        f->status = STATUS_INTERRUPTED;
    } else if (words.line) {
        err_set(why,
                "%s:%u: %s never came back from a call of Lua's own library (a pattern that never "
                "ends?); the scene was ended",
                f->p->request->name, words.line,
                *cast_actor(&f->cast, words.actor) ? cast_actor(&f->cast, words.actor) : "main");
        f->status = STATUS_WRONG;
    } else if (WIFSIGNALED(f->wait_status)) {
        err_set(why, "the stage process was ended by signal %d (%s)", WTERMSIG(f->wait_status),
                strsignal(WTERMSIG(f->wait_status)));
    } else {
        err_set(why, "the stage process ended by itself with status %d",
                WEXITSTATUS(f->wait_status));
    }
}

// The error and the `end` that the stage left out, so that every recording has an end.
static void write_end(struct front *f)
{
    struct err why;
    void *room = mem_new(EVENT_MAX);
    say_why(f, &why);
    int status = f->status;
    struct event *e = own_event(f, room, EVENT_ERROR);
    put(e, &e->as.error.message, why.text);
    deliver(f, e);
    e = own_event(f, room, EVENT_END);
    e->as.end = (struct event_end){.reason = REASON_CRASHED,
                                   .checks = f->checks,
                                   .failed = f->failed,
                                   .errors = f->errors,
                                   .packets = f->packets};
    put(e, &e->as.end.message, why.text);
    deliver(f, e);
    f->status = status;
    free(room);
}

static int play(void *request)
{
    return play_run(request);
}

static int start_stage(struct front *f, struct err *err)
{
    int ends[2];
    struct play_request *request = f->p->request;
    if (!(request->ring = ring_new(err)))
        return -1;
    if (control_pair(ends) != 0)
        return err_errno(err, "cannot make a socket pair");
    f->control = ends[0];
    request->control = ends[1];
    int kept[] = {ring_fd(request->ring), ring_writer_fd(request->ring), ends[1]};
    int failed = confine_start(&f->stage, CONFINE_FULL, play, request, kept, 3, err);
    if (failed && !f->p->require_wire) {
        complain(f,
                 "no wire on this machine: %s; so hosts are addresses of the loopback, with socket "
                 "events and no "
                 "packets; wirescene doctor tells more",
                 err->text);
        request->loopback = true;
        failed = confine_start(&f->stage, CONFINE_PLAIN, play, request, kept, 3, err);
    }
    close(ends[1]);
    return failed ? -1 : (f->spool = spool_new(request->ring, err)) ? 0 : -1;
}

static int tell_troubles(struct front *f)
{
    for (size_t i = 0; i < f->p->sink_count; i++) {
        const char *trouble = sink_trouble(f->p->sinks[i]);
        if (trouble)
            complain(f, "%s", trouble);
        if (trouble && f->status == STATUS_OK)
            f->status = STATUS_MACHINE;
    }
    return f->status;
}

int performance_run(struct performance *p)
{
    struct front f = {.p = p, .control = -1, .stage = CONFINED_NONE};
    struct err err = {""};
    f.message = mem_new(sizeof *f.message);
    cast_init(&f.cast);
    if (start_stage(&f, &err) == 0) {
        watch(&f);
        ev_run(f.loop, 0);
        unwatch(&f);
        f.status = tell_troubles(&f);
    } else {
        complain(&f, "%s", err.text);
        p->trouble = err;
        f.status = STATUS_MACHINE;
        confine_kill(&f.stage);
        confine_wait(&f.stage);
    }
    spool_free(f.spool);
    ring_free(p->request->ring);
    p->request->ring = NULL;
    if (f.control >= 0)
        close(f.control);
    cast_fini(&f.cast);
    control_close_fds(f.message);
    free(f.message);
    return f.status;
}
