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

#include "base/mem.h"
#include "base/units.h"
#include "command/command.h"
#include "command/performance.h"
#include "command/scene.h"
#include "command/trial.h"
#include "script/source.h"

#define JOBS_MAX 64

// clang-format off
static const char usage[] =
    "usage: wirescene check PATH… [options]\n"
    "\n"
    "Plays scenes, and all scenes in folders, without stopping at cues; a line each, then how many\n"
    "passed. A scene fails if a check of it fails, if it has none, or if one of its expect lines is never\n"
    "reached. In folders, a scene is a .lua file that calls title().\n"
    "\n"
    "      --allow-net HOST:PORT\n"
    "                        let scenes reach this one real address; others are skipped\n"
    "      --choices         play each with every choice of its params, too\n"
    "      --pause TIME      each cue takes so long, as in front of people: what is over by then?\n"
    "      --allow-run PROGRAM\n"
    "                        let scenes run this program in their hosts; may be given several times.\n"
    "                        Scenes that want others are skipped\n"
    "      --jobs N          so many at once (default: one a processor)\n"
    "      --junit FILE      also write the outcome as JUnit XML\n"
    "\n"
    "  wirescene check scripts --choices --pause 20s --jobs 16\n"
    "  wirescene check talk.lua --junit build/talk.xml\n";
// clang-format on

struct job {
    const char *path;
    struct verdict verdict;
    pid_t pid;
    int from; // the pipe; -1: not running
    bool done;
};

// What was asked for on the command line.
struct wish {
    size_t most; // at once
    struct trial_options trial;
    const char *junit;
    struct allowance allowance;
};

struct list {
    char **paths; // (owned)
    size_t count;
};

// In a child: plays the scene, and tells what came of it.
static _Noreturn void child(const char *path, const struct wish *wish, int to)
{
    struct verdict verdict;
    trial_run(path, &wish->trial, &verdict);
    ssize_t n = write(to, &verdict, sizeof verdict);
    _exit(n == sizeof verdict ? 0 : 1);
}

static int start(struct job *job, const struct wish *wish)
{
    int ends[2];
    fflush(stdout);
    if (pipe2(ends, O_CLOEXEC) != 0 || (job->pid = fork()) < 0)
        return -1;
    if (job->pid == 0)
        child(job->path, wish, ends[1]);
    close(ends[1]);
    job->from = ends[0];
    return 0;
}

static void tell(const struct job *job)
{
    const struct verdict *v = &job->verdict;
    char plays[80] = "";
    if (v->plays > 1)
        snprintf(plays, sizeof plays, "  in %" PRIu32 " plays", v->plays);
    if (v->passed && v->plays > 1 && v->plays < v->combinations)
        snprintf(plays, sizeof plays, "  in %" PRIu32 " plays; there are more combinations",
                 v->plays);
    printf("%s %s  %.1f s  %" PRIu32 " %s%s%s\n",
           v->passed    ? "✓ pass"
           : v->skipped ? "- skip"
                        : "✗ FAIL",
           job->path, v->seconds, v->checks, v->checks == 1 ? "check" : "checks", plays,
           v->again ? "  (the machine was busy: played twice)" : "");
    if (!v->passed)
        printf("       %s%s\n", v->why,
               v->skipped && v->no_wire ? " (no wire on this machine)" : "");
    fflush(stdout);
}

static void collect(struct job *job)
{
    int status;
    if (read(job->from, &job->verdict, sizeof job->verdict) != sizeof job->verdict) {
        job->verdict = (struct verdict){.status = STATUS_MACHINE};
        snprintf(job->verdict.why, sizeof job->verdict.why, "the process that played it died");
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

static void play_all(struct job *jobs, size_t count, const struct wish *wish)
{
    size_t next = 0, running = 0, done = 0;
    while (done < count) {
        while (next < count && running < wish->most && start(&jobs[next], wish) == 0) {
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
        const struct verdict *v = &jobs[i].verdict;
        fputs("  <testcase name=\"", to);
        put_xml(to, jobs[i].path);
        fprintf(to, "\" time=\"%.3f\">", v->seconds);
        if (!v->passed) {
            fputs(v->skipped ? "<skipped message=\"" : "<failure message=\"", to);
            put_xml(to, v->why);
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

static int parse(int argc, char **argv, struct wish *wish)
{
    static const struct option names[] = {{"allow-run", required_argument, NULL, 'r'},
                                          {"allow-net", required_argument, NULL, 'n'},
                                          {"jobs", required_argument, NULL, 'j'},
                                          {"choices", no_argument, NULL, 'c'},
                                          {"pause", required_argument, NULL, 'p'},
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
            wish->junit = optarg;
        } else if (option == 'r') {
            allowance_add(&wish->allowance, optarg);
        } else if (option == 'n') {
            if (allowance_add_address(&wish->allowance, optarg) != 0)
                return wrong("--allow-net takes HOST:PORT, not ", optarg);
        } else if (option == 'c') {
            wish->trial.choices = true;
        } else if (option == 'p') {
            struct err err;
            if (units_time(optarg, &wish->trial.cue_ns, &err) != 0)
                return wrong("--pause: ", err.text);
        } else if (option == 'j') {
            char *end;
            wish->most = strtoul(optarg, &end, 10);
            if (*end || wish->most < 1 || wish->most > JOBS_MAX)
                return wrong("--jobs takes a number from 1 to 64, not ", optarg);
        } else {
            return wrong(option == ':' ? "a value is wanted behind " : "unknown option ",
                         argv[optind - 1]);
        }
    }
    return optind < argc ? 0 : wrong("which scenes? ", "wirescene check PATH…");
}

static int play_list(const struct list *l, const struct wish *wish)
{
    struct job *jobs = mem_new(l->count * sizeof *jobs);
    size_t passed = 0, skipped = 0;
    for (size_t i = 0; i < l->count; i++)
        jobs[i] = (struct job){.path = l->paths[i], .from = -1};
    play_all(jobs, l->count, wish);
    for (size_t i = 0; i < l->count; i++) {
        passed += jobs[i].verdict.passed;
        skipped += jobs[i].verdict.skipped;
    }
    size_t failed = l->count - passed - skipped;
    int status =
        wish->junit ? write_junit(wish->junit, jobs, l->count, failed, skipped) : STATUS_OK;
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
    struct wish wish = {.most = processors > 0 && processors < JOBS_MAX ? (size_t)processors : 1};
    struct list list = {0};
    wish.trial.allowance = &wish.allowance;
    int status = parse(argc, argv, &wish);
    for (int i = optind; !status && i < argc; i++)
        status = gather(&list, argv[i]);
    if (!status)
        status = play_list(&list, &wish);
    allowance_fini(&wish.allowance);
    for (size_t i = 0; i < list.count; i++)
        free(list.paths[i]);
    free(list.paths);
    return status;
}
