// wirescene check: plays scenes and tells which hold.
//
// Each scene is played by a child process, several at once, since scenes mostly wait. The child
// writes its finding into a pipe.
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/width.h"
#include "command/command.h"
#include "command/performance.h"
#include "command/scene.h"
#include "script/source.h"

#define JOBS_MAX 64
#define EXPECTS_MAX 1024

static const char usage[] = "usage: wirescene check PATH… [options]\n"
                            "\n"
                            "Plays scenes, and all scenes in folders, without stopping at cues; a "
                            "line each, then how many\n"
                            "passed. A scene fails if a check of it fails, if it has none, or if "
                            "one of its expect lines is never\n"
                            "reached. In folders, a scene is a .lua file that calls title().\n"
                            "\n"
                            "      --jobs N          so many at once (default: one a processor)\n"
                            "      --junit FILE      also write the outcome as JUnit XML\n"
                            "\n"
                            "  wirescene check scripts\n"
                            "  wirescene check talk.lua --junit build/talk.xml\n";

// What became of one scene; travels through the pipe as it is.
struct finding {
    int status;
    bool passed, skipped, again; // again: played a second time, since the machine disturbed it
    uint32_t checks, late;
    double seconds;
    char why[400];
};

struct job {
    const char *path;
    struct finding finding;
    pid_t pid;
    int from; // the pipe; -1: not running
    bool done;
};

struct list {
    char **paths; // (owned)
    size_t count;
};

// ---------------------------------------------------------------- in the child

struct watcher {
    const struct scene *scene;
    struct finding *finding;
    uint32_t lines[EXPECTS_MAX]; // of expect calls; 0: reached
    size_t count;
    bool loopback;
};

static void put_why(struct watcher *w, uint32_t line, const char *text, size_t len)
{
    if (w->finding->why[0])
        return;
    size_t room = sizeof w->finding->why;
    int n = line ? snprintf(w->finding->why, room, "line %u: ", line) : 0;
    if (len > room - 1 - (size_t)n)
        len = width_cut(text, room - 1 - (size_t)n, SIZE_MAX, NULL);
    memcpy(w->finding->why + n, text, len);
    w->finding->why[(size_t)n + len] = '\0';
}

static void see(void *arg, const struct event *e)
{
    struct watcher *w = arg;
    if (e->type == EVENT_SCENE) {
        w->loopback = e->as.scene.loopback;
    } else if (e->type == EVENT_LATE) {
        w->finding->late++;
    } else if (e->type == EVENT_ERROR) {
        put_why(w, 0, event_bytes(e, e->as.error.message), e->as.error.message.len);
    } else if (e->type == EVENT_EXPECT) {
        w->finding->checks++;
        for (size_t i = 0; i < w->count && e->source == 0; i++)
            if (w->lines[i] == e->line)
                w->lines[i] = 0;
        if (!e->as.expect.ok)
            put_why(w, e->line, event_bytes(e, e->as.expect.text), e->as.expect.text.len);
    }
}

static void judge(struct watcher *w)
{
    struct finding *f = w->finding;
    char text[80];
    f->passed = f->status == STATUS_OK;
    for (size_t i = 0; f->passed && i < w->count; i++)
        if (w->lines[i]) {
            f->passed = false;
            snprintf(text, sizeof text, "this expect was never reached");
            put_why(w, w->lines[i], text, strlen(text));
        }
    if (f->passed && f->checks == 0) {
        f->passed = false;
        put_why(w, 0, "it has no expect: nothing tells whether it works", 48);
    }
    f->skipped = !f->passed && w->loopback; // its checks may need the wire
}

static void play_once(const char *path, struct finding *finding)
{
    struct scene scene;
    struct err err;
    struct watcher w = {.scene = &scene, .finding = finding};
    int64_t began = clock_now();
    *finding = (struct finding){.status = STATUS_WRONG};
    if (scene_read(&scene, path, &err) != 0) {
        put_why(&w, 0, err.text, strlen(err.text));
        scene_free(&scene);
        return;
    }
    w.count = source_calls(scene.text, scene.len, "expect", w.lines, EXPECTS_MAX);
    struct play_request request = {
        .name = scene.name, .text = scene.text, .text_len = scene.len, .seed = 1, .snap = 96};
    struct performance p = {
        .request = &request, .folder = scene.folder, .see = see, .see_arg = &w, .quiet = true};
    finding->status = performance_run(&p);
    finding->seconds = (double)(clock_now() - began) / 1e9;
    if (finding->status == STATUS_MACHINE && !finding->why[0])
        put_why(&w, 0, p.trouble.text, strlen(p.trouble.text));
    judge(&w);
    scene_free(&scene);
}

// A scene that fails while the machine was too busy gets a second chance, and that is said.
static _Noreturn void child(const char *path, int to)
{
    struct finding finding;
    play_once(path, &finding);
    if (!finding.passed && !finding.skipped && finding.late && finding.status == STATUS_FAILED) {
        play_once(path, &finding);
        finding.again = true;
    }
    ssize_t n = write(to, &finding, sizeof finding);
    _exit(n == sizeof finding ? 0 : 1);
}

// ---------------------------------------------------------------- in the parent

static int start(struct job *job)
{
    int ends[2];
    fflush(stdout);
    if (pipe2(ends, O_CLOEXEC) != 0 || (job->pid = fork()) < 0)
        return -1;
    if (job->pid == 0)
        child(job->path, ends[1]);
    close(ends[1]);
    job->from = ends[0];
    return 0;
}

static void tell(const struct job *job)
{
    const struct finding *f = &job->finding;
    printf("%s %s  %.1f s  %" PRIu32 " %s%s\n",
           f->passed    ? "✓ pass"
           : f->skipped ? "- skip"
                        : "✗ FAIL",
           job->path, f->seconds, f->checks, f->checks == 1 ? "check" : "checks",
           f->again ? "  (the machine was busy: played twice)" : "");
    if (!f->passed)
        printf("       %s%s\n", f->why, f->skipped ? " (no wire on this machine)" : "");
    fflush(stdout);
}

static void collect(struct job *job)
{
    int status;
    if (read(job->from, &job->finding, sizeof job->finding) != sizeof job->finding) {
        job->finding = (struct finding){.status = STATUS_MACHINE};
        snprintf(job->finding.why, sizeof job->finding.why, "the process that played it died");
    }
    close(job->from);
    waitpid(job->pid, &status, 0);
    job->from = -1;
    job->done = true;
    tell(job);
}

static void wait_for_one(struct job *jobs, size_t count)
{
    struct pollfd fds[JOBS_MAX];
    struct job *of[JOBS_MAX];
    nfds_t n = 0;
    for (size_t i = 0; i < count && n < JOBS_MAX; i++)
        if (jobs[i].from >= 0) {
            of[n] = &jobs[i];
            fds[n++] = (struct pollfd){.fd = jobs[i].from, .events = POLLIN};
        }
    if (poll(fds, n, -1) <= 0)
        return;
    for (nfds_t i = 0; i < n; i++)
        if (fds[i].revents)
            collect(of[i]);
}

static void play_all(struct job *jobs, size_t count, size_t most)
{
    size_t next = 0, running = 0, done = 0;
    while (done < count) {
        while (next < count && running < most && start(&jobs[next]) == 0) {
            next++;
            running++;
        }
        wait_for_one(jobs, next);
        done = 0;
        for (size_t i = 0; i < next; i++)
            done += jobs[i].done;
        running = next - done;
    }
}

// ---------------------------------------------------------------- which scenes

static struct list *found; // nftw(3) passes nothing on

static void add(struct list *l, const char *path)
{
    l->paths = mem_resize(l->paths, (l->count + 1) * sizeof *l->paths);
    l->paths[l->count++] = mem_text(path, strlen(path));
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)at;
    size_t len = strlen(path);
    struct scene scene;
    uint32_t line;
    if (type != FTW_F || len < 4 || strcmp(path + len - 4, ".lua") != 0)
        return 0;
    if (scene_read(&scene, path, NULL) == 0 &&
        source_calls(scene.text, scene.len, "title", &line, 1))
        add(found, path);
    scene_free(&scene);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int gather(struct list *l, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        fprintf(stderr, "wirescene: cannot read %s: %s\n", path, strerror(errno));
        return STATUS_WRONG;
    }
    size_t before = l->count;
    found = l;
    if (!S_ISDIR(st.st_mode))
        add(l, path);
    else if (nftw(path, visit, 16, FTW_PHYS) == 0 && l->count > before)
        qsort(l->paths + before, l->count - before, sizeof *l->paths, by_name);
    found = NULL;
    if (l->count > before)
        return 0;
    fprintf(stderr, "wirescene: there is no scene in %s (a .lua file that calls title())\n", path);
    return STATUS_WRONG;
}

// ---------------------------------------------------------------- JUnit

static void put_xml(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '<' || *text == '>' || *text == '&' || *text == '"')
            fprintf(to, "&#%d;", *text);
        else if ((unsigned char)*text >= 0x20 || *text == '\n')
            fputc(*text, to);
    }
}

static int write_junit(const char *path, const struct job *jobs, size_t count, size_t failed,
                       size_t skipped)
{
    FILE *to = fopen(path, "we");
    if (!to) {
        fprintf(stderr, "wirescene: cannot write %s: %s\n", path, strerror(errno));
        return STATUS_WRONG;
    }
    fprintf(to, "<testsuite name=\"wirescene\" tests=\"%zu\" failures=\"%zu\" skipped=\"%zu\">\n",
            count, failed, skipped);
    for (size_t i = 0; i < count; i++) {
        const struct finding *f = &jobs[i].finding;
        fputs("  <testcase name=\"", to);
        put_xml(to, jobs[i].path);
        fprintf(to, "\" time=\"%.3f\">", f->seconds);
        if (!f->passed) {
            fputs(f->skipped ? "<skipped message=\"" : "<failure message=\"", to);
            put_xml(to, f->why);
            fputs("\"/>", to);
        }
        fputs("</testcase>\n", to);
    }
    fputs("</testsuite>\n", to);
    if (fclose(to) == 0)
        return STATUS_OK;
    fprintf(stderr, "wirescene: cannot write %s: %s\n", path, strerror(errno));
    return STATUS_MACHINE;
}

static int wrong(const char *what, const char *text)
{
    fprintf(stderr, "wirescene: %s%s; see wirescene check --help\n", what, text);
    return STATUS_WRONG;
}

static int parse(int argc, char **argv, size_t *jobs, const char **junit)
{
    static const struct option names[] = {{"jobs", required_argument, NULL, 'j'},
                                          {"junit", required_argument, NULL, 'x'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            exit(STATUS_OK);
        } else if (option == 'x') {
            *junit = optarg;
        } else if (option == 'j') {
            char *end;
            *jobs = strtoul(optarg, &end, 10);
            if (*end || *jobs < 1 || *jobs > JOBS_MAX)
                return wrong("--jobs takes a number from 1 to 64, not ", optarg);
        } else {
            return wrong(option == ':' ? "a value is wanted behind " : "unknown option ",
                         argv[optind - 1]);
        }
    }
    return optind < argc ? 0 : wrong("which scenes? ", "wirescene check PATH…");
}

static int play_list(const struct list *l, size_t most, const char *junit)
{
    struct job *jobs = mem_new(l->count * sizeof *jobs);
    size_t passed = 0, skipped = 0;
    for (size_t i = 0; i < l->count; i++)
        jobs[i] = (struct job){.path = l->paths[i], .from = -1};
    play_all(jobs, l->count, most);
    for (size_t i = 0; i < l->count; i++) {
        passed += jobs[i].finding.passed;
        skipped += jobs[i].finding.skipped;
    }
    size_t failed = l->count - passed - skipped;
    int status = junit ? write_junit(junit, jobs, l->count, failed, skipped) : STATUS_OK;
    printf("%zu passed, %zu failed", passed, failed);
    if (skipped)
        printf(", %zu skipped", skipped);
    printf("\n");
    free(jobs);
    return failed ? STATUS_FAILED : status;
}

int command_check(int argc, char **argv)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = processors > 0 && processors < JOBS_MAX ? (size_t)processors : 1;
    const char *junit = NULL;
    struct list list = {0};
    int status = parse(argc, argv, &most, &junit);
    for (int i = optind; !status && i < argc; i++)
        status = gather(&list, argv[i]);
    if (!status)
        status = play_list(&list, most, junit);
    for (size_t i = 0; i < list.count; i++)
        free(list.paths[i]);
    free(list.paths);
    return status;
}
