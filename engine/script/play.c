// Implementation of play.h: the scene's beginning, its end, and what comes from the front.
#include "script/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "kernel/iface.h"
#include "kernel/sysctl.h"
#include "script/knobs.h"
#include "script/watchdog.h"

#define CHECK_S 0.05 // how often the end is looked for
#define STUCK_LOOKS                                                                                \
    2 // in a row: the kernel may just have ended a socket, and nobody has noticed yet
#define PENDING_NS (3 * CLOCK_S)  // how long the kernel's own timers are waited for
#define EVENTS_MAX (1ull << 30)   // bytes: they are kept on disk until everybody has them
#define RESTLESS_NS (1 * CLOCK_S) // how long real programs may go on when the story is over
#define TIME_LIMIT_NS (120 * CLOCK_S)

int play_source(const struct play *p, const char *name)
{
    for (size_t i = 0; i < p->source_count; i++)
        if (strcmp(p->sources[i], name) == 0)
            return (int)i;
    return -1;
}

const char *play_source_name(const struct play *p, size_t index)
{
    return index < p->source_count ? p->sources[index] : "?";
}

int play_add_source(struct play *p, const char *name)
{
    p->sources = mem_resize(p->sources, (p->source_count + 1) * sizeof *p->sources);
    p->sources[p->source_count] = mem_text(name, strlen(name));
    return (int)p->source_count++;
}

void play_describe(struct play *p, int which, const char *text)
{
    free(p->description[which]);
    p->description[which] = mem_text(text, strlen(text));
}

static void put_text(struct event *e, struct span *span, const char *text)
{
    if (text)
        event_put_text(e, EVENT_MAX, span, text, strlen(text));
}

// The first events of all.
static void log_scene(void *arg)
{
    struct play *p = arg;
    struct event *e = log_begin(&p->stage.log, EVENT_SCENE, NULL, 0, 0);
    struct event_scene *s = &e->as.scene;
    struct utsname kernel;
    struct timespec now;
    struct tm parts;
    char text[256];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + n, sizeof text - n, ".%09ldZ", now.tv_nsec);
    put_text(e, &s->started, text);
    uname(&kernel);
    snprintf(text, sizeof text, "%s %s %s", kernel.sysname, kernel.release, kernel.machine);
    put_text(e, &s->kernel, text);
    put_text(e, &s->title, p->description[0] ? p->description[0] : p->request->name);
    put_text(e, &s->author, p->description[1]);
    put_text(e, &s->about, p->description[2]);
    put_text(e, &s->tags, p->description[3]);
    put_text(e, &s->format, EVENT_FORMAT);
    put_text(e, &s->engine, WIRESCENE_VERSION);
    put_text(e, &s->script, p->request->name);
    s->seed = p->request->seed;
    s->loopback = p->request->loopback;
    s->step = p->request->step;
    s->pace_ns = p->request->pace_ns;
    knobs_put(p, e);
    for (const struct sysctl_pin *pin = sysctl_pins; pin->name; pin++)
        if (pin->why)
            event_put_pair(e, EVENT_MAX, &s->sysctls, pin->name, sysctl_pin_value(pin, text));
    for (const struct sysctl_pin *pin = sysctl_stretched; s->step && pin->name; pin++)
        event_put_pair(e, EVENT_MAX, &s->sysctls, pin->name, pin->value);
    event_put_text(e, EVENT_MAX, &s->text, p->request->text, p->request->text_len);
    log_commit(&p->stage.log, e);
    knobs_log(p);
    if (p->main)
        task_log(p->main);
}

static void finish(struct play *p, enum end_reason reason)
{
    if (p->over)
        return;
    p->over = true;
    p->reason = reason;
    ev_break(p->stage.loop, EVBREAK_ALL);
}

void play_fail(struct play *p)
{
    finish(p, p->machine_failed ? REASON_MACHINE : REASON_ERROR);
}

// A handler that waits for the network to say something keeps nobody.
static bool idle_handler(const struct task *t)
{
    return t->role == ROLE_HANDLER && t->waits_for &&
           (t->waits_in == CALL_ACCEPT || t->waits_in == CALL_RECV ||
            t->waits_in == CALL_RECVFROM || t->waits_in == CALL_POLL ||
            t->waits_in == CALL_SELECT || t->waits_in == CALL_EPOLL_WAIT ||
            (t->host && t->wait.source == &t->host->freed)) &&
           !t->wait.timer.entry.place;
}

static bool handlers_idle(const struct play *p)
{
    const struct task *t;
    TAILQ_FOREACH(t, &p->tasks.all, link)
    if (t->co && !t->aside && t->role == ROLE_HANDLER && !idle_handler(t))
        return false;
    return true;
}

// Whether everybody waits, for nothing that will come by itself.
static bool all_wait_forever(const struct play *p)
{
    const struct task *t;
    if (programs_run(&p->stage) || p->channels)
        return false;
    TAILQ_FOREACH(t, &p->tasks.all, link)
    if (t->co && !t->aside &&
        (!t->wait.armed || t->wait.timer.entry.place || t->wait.source == &p->key ||
         t->wait.source == &p->answer))
        return false;
    return true;
}

static void put_who_waits(struct play *p, struct buf *text)
{
    const struct task *t;
    const char *between = "";
    TAILQ_FOREACH(t, &p->tasks.all, link)
    {
        if (!t->co || t->aside || idle_handler(t) || !t->waits_for)
            continue;
        buf_printf(text, "%s%s waits in %s", between, t->name, t->waits_for);
        if (t->actor.line) // the loop of a server stands nowhere in the scene
            buf_printf(text, " at %s:%u", play_source_name(p, t->actor.source), t->actor.line);
        between = ", ";
    }
}

static void give_up(struct play *p, enum end_reason reason, const char *why)
{
    buf_text(&p->end_message, why);
    put_who_waits(p, &p->end_message);
    log_error(&p->stage.log, NULL, 0, buf_string(&p->end_message), NULL);
    finish(p, reason);
}

// Real programs keep no scene alive: once its story is over they are asked to end, though they may
// first come to rest, or be watched for as long as the scene wants. Whether there still are some.
static bool end_programs(struct play *p, int64_t now)
{
    int64_t since = now - p->over_ns;
    if (!programs_run(&p->stage))
        return false;
    if (handlers_idle(p) &&
        (p->linger_ns ? since >= p->linger_ns
                      : since >= RESTLESS_NS || stage_quiet(&p->stage, PLAY_QUIET_NS)))
        programs_end(&p->stage);
    return true;
}

static void look_for_end(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop, (void)revents;
    struct play *p = w->data;
    int64_t now = timers_scene_now(&p->stage.timers);
    if (p->stage.log.open && !p->cue && stage_time(&p->stage) - p->cues_ns > p->time_limit_ns) {
        char text[120];
        snprintf(text, sizeof text,
                 "the scene's time_limit of %g s is over: ", (double)p->time_limit_ns / 1e9);
        give_up(p, REASON_TIME_LIMIT, text);
        return;
    }
    if (p->stage.log.bytes > EVENTS_MAX) {
        char text[120];
        snprintf(
            text, sizeof text,
            "the scene has made more than %llu MiB of events: is there a loop without an end? ",
            EVENTS_MAX >> 20);
        give_up(p, REASON_ERROR, text);
        return;
    }
    bool story_over = p->tasks.alive[ROLE_MAIN] + p->tasks.alive[ROLE_SPAWNED] == 0;
    if (story_over && !p->over_ns)
        p->over_ns = now;
    if (!TAILQ_EMPTY(&p->tasks.ready) || (story_over && end_programs(p, now)) ||
        !stage_quiet(&p->stage, PLAY_QUIET_NS)) {
        p->seen_stuck = 0;
        return;
    }
    if (story_over && !p->done_ns)
        p->done_ns = now;
    if (story_over && handlers_idle(p)) {
        int64_t since = now - p->done_ns;
        if (p->linger_ns ? since >= p->linger_ns : since >= PENDING_NS || !stage_pending(&p->stage))
            finish(p, REASON_FINISHED);
    } else if (!all_wait_forever(p) || stage_pending(&p->stage)) {
        p->seen_stuck = 0;
    } else if (++p->seen_stuck >= STUCK_LOOKS) {
        give_up(p, REASON_STUCK, "everybody waits and nothing can happen any more: ");
    }
}

static void take_key(struct play *p, const struct control_message *m)
{
    bool goes_on = strcmp(m->bytes, "space") == 0 || strcmp(m->bytes, "enter") == 0;
    if (!p->cue || gate_holds(&p->stage.gate)) {
        gate_key(&p->stage.gate, m->bytes);
        return;
    }
    if (!goes_on)
        return;
    struct event *e = log_begin(&p->stage.log, EVENT_KEY, NULL, 0, p->cue);
    event_put_text(e, EVENT_MAX, &e->as.key.key, m->bytes, m->len);
    e->as.key.waited_ns = clock_now() - p->cue_since_ns;
    p->cues_ns += e->as.key.waited_ns;
    log_commit(&p->stage.log, e);
    p->cue = 0;
    ready_source_wake(&p->key);
}

static void take_message(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop, (void)revents;
    struct play *p = w->data;
    switch (control_receive(w->fd, p->message)) {
    case 0:
        return;
    case -1: // the front is gone
        finish(p, REASON_INTERRUPTED);
        return;
    }
    if (p->message->type == CONTROL_KEY)
        take_key(p, p->message);
    else if (p->message->type == CONTROL_STOP)
        finish(p, REASON_INTERRUPTED);
    else if (!program_take(&p->stage, p->message))
        ready_source_wake(&p->answer);
}

static bool run_tasks(void *arg)
{
    struct play *p = arg;
    return tasks_run(&p->tasks) && !p->over;
}

static void log_end(struct play *p)
{
    struct log *log = &p->stage.log;
    struct event *e = log_begin(log, EVENT_END, NULL, 0, 0);
    e->as.end.ok = p->reason == REASON_FINISHED && p->failed == 0 && log->errors == 0;
    e->as.end.reason = p->reason;
    e->as.end.checks = p->checks;
    e->as.end.failed = p->failed;
    e->as.end.errors = log->errors;
    e->as.end.packets = log->packets;
    if (p->end_message.len)
        put_text(e, &e->as.end.message, buf_string(&p->end_message));
    log_commit(log, e);
}

static int start(struct play *p, struct err *err)
{
    if (stage_init(&p->stage, p->request->ring, p->request->snap, p->request->loopback, err) != 0)
        return -1;
    p->stage.seed = p->request->seed;
    gate_init(&p->stage.gate, &p->stage, p->request->step, p->request->pace_ns);
    if (p->request->step)
        iface_stretch_timers();
    p->stage.log.opening = log_scene;
    p->stage.log.opening_arg = p;
    p->stage.run = run_tasks;
    p->stage.run_arg = p;
    p->stage.control = p->request->control;
    if (vm_init(&p->vm, p, p->request->seed) != 0 || watchdog_start(p->request->ring) != 0)
        return err_set(err, "cannot set up Lua");
    tasks_init(&p->tasks, p, p->vm.L);
    ev_io_init(&p->control, take_message, p->request->control, EV_READ);
    ev_timer_init(&p->check, look_for_end, CHECK_S, CHECK_S);
    p->control.data = p->check.data = p;
    ev_io_start(p->stage.loop, &p->control);
    ev_timer_start(p->stage.loop, &p->check);
    return 0;
}

static void stop(struct play *p)
{
    tasks_fini(&p->tasks);
    vm_fini(&p->vm);
    stage_fini(&p->stage);
    control_close_fds(p->message);
    for (size_t i = 0; i < p->source_count; i++)
        free(p->sources[i]);
    free(p->sources);
    for (int i = 0; i < PLAY_DESCRIPTIONS; i++)
        free(p->description[i]);
    knobs_fini(p);
    buf_fini(&p->end_message);
    free(p->message);
}

int play_run(struct play_request *request)
{
    struct play p = {
        .request = request, .time_limit_ns = TIME_LIMIT_NS, .message = mem_new(sizeof *p.message)};
    struct err err = {""};
    ready_source_init(&p.key);
    ready_source_init(&p.answer);
    play_add_source(&p, request->name);
    if (start(&p, &err) != 0) {
        p.reason = REASON_MACHINE;
        log_error(&p.stage.log, NULL, 0, err.text, NULL);
    } else if (vm_load(&p.vm, p.vm.L, request->name, request->text, request->text_len, &err) != 0) {
        p.reason = REASON_ERROR;
        log_error(&p.stage.log, NULL, 0, err.text, NULL);
    } else if (knobs_refuse(&p)) {
        p.reason = REASON_ERROR;
    } else {
        p.main = task_new(&p.tasks, p.vm.L, 0, "main", ROLE_MAIN, NULL);
        ev_run(p.stage.loop, 0);
        stage_check_drops(&p.stage);
        knobs_check(&p);
    }
    log_end(&p);
    stage_abandon(&p.stage);
#ifdef __SANITIZE_ADDRESS__
    p.stage.log.muted = true; // taking everything apart finds mistakes of ours; otherwise the
                              // process's end does it faster
    stop(&p);
#else
    (void)stop;
#endif
    return 0;
}
