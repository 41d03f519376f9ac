// Implementation of permits.h.
#include "command/permits.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "command/package.h"

// Folders of programs for administrators, which not everybody has in PATH.
#define MORE_FOLDERS ":/usr/local/sbin:/usr/sbin:/sbin"

// A program that the user has allowed, under the name that the scene has for it.
struct grant {
    TAILQ_ENTRY(grant) link;
    char *name, *path; // (owned)
};

// A question of the stage that waits for the user's answer.
struct request {
    TAILQ_ENTRY(request) link;
    uint32_t number;
    char *name, *path, *text; // (owned)
};

struct permits {
    int control;                       // (borrowed)
    const struct allowance *allowance; // (borrowed)
    TAILQ_HEAD(, grant) grants;
    TAILQ_HEAD(, request) requests;
    struct err refusal;
};

void allowance_add(struct allowance *a, const char *program)
{
    a->programs = mem_resize(a->programs, (a->count + 1) * sizeof *a->programs);
    a->programs[a->count++] = program;
}

int allowance_add_address(struct allowance *a, const char *address)
{
    const char *colon = strrchr(address, ':');
    char *end = NULL;
    unsigned long port = colon && colon > address ? strtoul(colon + 1, &end, 10) : 0;
    if (!end || *end || port < 1 || port > 65535)
        return -1;
    a->addresses = mem_resize(a->addresses, (a->address_count + 1) * sizeof *a->addresses);
    a->addresses[a->address_count++] = address;
    return 0;
}

void allowance_fini(struct allowance *a)
{
    free(a->programs);
    free(a->addresses);
    *a = (struct allowance){0};
}

struct permits *permits_new(int control, const struct allowance *allowance)
{
    struct permits *p = mem_new(sizeof *p);
    p->control = control;
    p->allowance = allowance;
    TAILQ_INIT(&p->grants);
    TAILQ_INIT(&p->requests);
    return p;
}

static void free_request(struct request *r)
{
    free(r->name);
    free(r->path);
    free(r->text);
    free(r);
}

void permits_free(struct permits *p)
{
    if (!p)
        return;
    for (struct request *r = TAILQ_FIRST(&p->requests), *next; r; r = next) {
        next = TAILQ_NEXT(r, link);
        free_request(r);
    }
    for (struct grant *g = TAILQ_FIRST(&p->grants), *next; g; g = next) {
        next = TAILQ_NEXT(g, link);
        free(g->name);
        free(g->path);
        free(g);
    }
    free(p);
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

// Where the program of that name is; false if it is nowhere.
static bool find(const char *name, char path[PATH_MAX])
{
    const char *own = getenv("PATH");
    char folders[8192];
    if (strchr(name, '/'))
        return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && is_program(path);
    snprintf(folders, sizeof folders, "%s" MORE_FOLDERS, own ? own : "/usr/bin:/bin");
    for (const char *at = folders; *at; at += *at == ':') {
        int len = (int)strcspn(at, ":");
        if (len && snprintf(path, PATH_MAX, "%.*s/%s", len, at, name) < PATH_MAX &&
            is_program(path))
            return true;
        at += len;
    }
    return false;
}

// What --allow-run says of it: a name as it is, or a path that ends in the name.
static const char *allowed_as(const struct permits *p, const char *name)
{
    for (size_t i = 0; i < p->allowance->count; i++) {
        const char *given = p->allowance->programs[i], *slash = strrchr(given, '/');
        if (strcmp(given, name) == 0 || (slash && strcmp(slash + 1, name) == 0))
            return given;
    }
    return NULL;
}

const char *permits_path(const struct permits *p, const char *name)
{
    const struct grant *g;
    TAILQ_FOREACH(g, &p->grants, link)
    if (strcmp(g->name, name) == 0)
        return g->path;
    return NULL;
}

bool permits_any(const struct permits *p)
{
    return !TAILQ_EMPTY(&p->grants);
}

static void grant(struct permits *p, const char *name, const char *path)
{
    struct grant *g = mem_new(sizeof *g);
    g->name = mem_text(name, strlen(name));
    g->path = mem_text(path, strlen(path));
    TAILQ_INSERT_TAIL(&p->grants, g, link);
}

static void tell(struct permits *p, enum control_type type, uint32_t number, const char *text)
{
    control_post(p->control, type, number, text, strlen(text), NULL, 0);
}

static void refuse(struct permits *p, enum control_type type, uint32_t number)
{
    tell(p, type, number, p->refusal.text);
}

static void forbid(struct permits *p, const char *name, uint32_t number)
{
    err_set(&p->refusal,
            "the scene wants to run the program %.200s in its hosts; to allow that, give "
            "--allow-run %.200s",
            name, name);
    refuse(p, CONTROL_FORBIDDEN, number);
}

static void ask(struct permits *p, const char *name, const char *path, uint32_t number)
{
    char text[2 * PATH_MAX];
    struct request *r = mem_new(sizeof *r);
    int len = snprintf(text, sizeof text,
                       "This scene wants to run the program %s in its hosts (%s).\n"
                       "It would see neither your files nor any network but the scene's. Allow it? "
                       "y/n",
                       name, path);
    r->number = number;
    r->name = mem_text(name, strlen(name));
    r->path = mem_text(path, strlen(path));
    r->text = mem_text(text, (size_t)len);
    TAILQ_INSERT_TAIL(&p->requests, r, link);
}

void permits_take_need(struct permits *p, const struct control_message *m)
{
    const char *name = m->bytes, *as = allowed_as(p, name);
    char path[PATH_MAX];
    if (permits_path(p, name)) {
        tell(p, CONTROL_GRANTED, m->number, "");
    } else if (!find(as ? as : name, path)) {
        package_missing(name, &p->refusal);
        refuse(p, CONTROL_REFUSED, m->number);
    } else if (as) {
        grant(p, name, path);
        tell(p, CONTROL_GRANTED, m->number, "");
    } else if (p->allowance->ask) {
        ask(p, name, path, m->number);
    } else {
        forbid(p, name, m->number);
    }
}

bool permits_address(const struct permits *p, const char *address)
{
    for (size_t i = 0; i < p->allowance->address_count; i++)
        if (strcmp(p->allowance->addresses[i], address) == 0)
            return true;
    return false;
}

void permits_take_reach(struct permits *p, const struct control_message *m)
{
    if (permits_address(p, m->bytes)) {
        tell(p, CONTROL_GRANTED, m->number, "");
        return;
    }
    err_set(&p->refusal,
            "the scene wants to reach the real address %.200s; to allow that, give --allow-net "
            "%.200s",
            m->bytes, m->bytes);
    refuse(p, CONTROL_FORBIDDEN, m->number);
}

const char *permits_question(const struct permits *p)
{
    const struct request *r = TAILQ_FIRST(&p->requests);
    return r ? r->text : NULL;
}

void permits_answer(struct permits *p, bool yes)
{
    struct request *r = TAILQ_FIRST(&p->requests);
    if (!r)
        return;
    if (yes && !permits_path(p, r->name))
        grant(p, r->name, r->path);
    if (yes)
        tell(p, CONTROL_GRANTED, r->number, "");
    else
        forbid(p, r->name, r->number);
    TAILQ_REMOVE(&p->requests, r, link);
    free_request(r);
}

const char *permits_refusal(const struct permits *p)
{
    return p->refusal.text[0] ? p->refusal.text : NULL;
}
