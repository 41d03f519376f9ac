// wirescene doctor: what this machine can do for scenes, and what helps where it cannot.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "command/command.h"
#include "command/performance.h"
#include "command/surroundings.h"
#include "command/terminal.h"
#include "kernel/probe.h"

#define CONNECTIONS_ENOUGH 1000

static const char usage[] =
    "usage: wirescene doctor [options]\n"
    "\n"
    "Tries what scenes need, here and now, and says what helps where something is refused.\n"
    "Changes nothing.\n"
    "\n"
    "      --json            one JSON object: {wire, scenes, checks: [{name, ok, needed, found,\n"
    "                        means, helps}]}\n"
    "      --color auto|always|never\n"
    "                        colours (default: auto, on terminals that have them)\n"
    "\n"
    "Exit status: 0 scenes run with hosts and wires; 1 they run over the loopback only,\n"
    "without packets; 3 none can run here.\n"
    "\n"
    "  wirescene doctor\n"
    "  wirescene doctor --json | jq '.checks[] | select(.ok == false) | .helps'\n";

static int wrong(const char *what, const char *argument)
{
    fprintf(stderr, "wirescene: %s%s; see wirescene doctor --help\n", what, argument);
    return STATUS_WRONG;
}

static void tell_kernel(struct findings *list, const struct probe *p)
{
    struct finding *f = finding_add(
        list, "kernel", p->new_enough ? FINDING_OK : FINDING_NOTE, "Linux %s, %s%s%s", p->kernel,
        p->arch, p->container ? ", in a container: " : "", p->container ? p->container : "");
    if (!p->new_enough)
        finding_explain(f,
                        "wirescene is made for Linux " PROBE_KERNEL
                        " and newer; what follows may still work",
                        NULL);
}

static void tell_spaces(struct findings *list, const struct probe *p)
{
    static const char *const names[PROBE_SPACES] = {"user", "network", "mount", "PID"};
    char made[64] = "", refused[160] = "";
    for (int i = 0; i < PROBE_SPACES; i++) {
        char one[64];
        if (p->spaces[i] == 0) {
            snprintf(one, sizeof one, "%s%s", *made ? ", " : "", names[i]);
            strncat(made, one, sizeof made - strlen(made) - 1);
        } else if (p->spaces[i] != PROBE_NOT_TRIED) {
            snprintf(one, sizeof one, "%s%s: %.40s", *refused ? ", " : "", names[i],
                     strerror(p->spaces[i]));
            strncat(refused, one, sizeof refused - strlen(refused) - 1);
        }
    }
    struct finding *f =
        finding_add(list, "namespaces", p->no_spaces.name ? FINDING_FAILS : FINDING_OK, "%s%s%s",
                    made, *made && *refused ? "; refused: " : "", refused);
    if (p->no_spaces.name)
        finding_explain(f, p->no_spaces.means, p->no_spaces.helps);
}

static void tell_device(struct findings *list, const struct probe *p)
{
    if (!p->device) {
        finding_add(list, "device", FINDING_OK, "/dev/net/tun opens (mode %04o)", p->device_mode);
        return;
    }
    struct finding *f =
        finding_add(list, "device", FINDING_FAILS, "/dev/net/tun: %s", strerror(p->device));
    finding_explain(f, p->no_device.means, p->no_device.helps);
}

// The process that plays a scene: it has been tried only if what it needs is there.
static void tell_stage(struct findings *list, const struct probe *p)
{
    const char *proc = p->stage.fresh_proc ? "a /proc of its own"
                                           : "the machine's /proc, since a fresh one is refused";
    struct finding *f;
    if (p->stage.ran && !p->stage.refused) {
        finding_add(list, "stage", FINDING_OK, "confined, with %s", proc);
    } else if (p->stage.ran) {
        f = finding_add(list, "stage", FINDING_NOTE,
                        "confined, with %s; %d settings of hosts cannot be written", proc,
                        p->stage.refused);
        finding_explain(
            f, "hosts keep what the machine has set, so scenes may behave differently elsewhere",
            p->container ? "docker run --security-opt systempaths=unconfined …" : NULL);
    } else if (p->no_spaces.name || p->no_device.name) {
        finding_add(list, "stage", FINDING_OPEN, "not tried, since it needs what fails above");
    } else {
        f = finding_add(list, "stage", FINDING_FAILS, "cannot be confined");
        finding_explain(f, p->no_stage.text, NULL);
    }
}

static void tell_part(struct findings *list, const char *name, const struct err *why,
                      const char *found, const char *means, enum finding_level level)
{
    if (!*why->text) {
        finding_add(list, name, FINDING_OK, "%s", found);
        return;
    }
    struct finding *f = finding_add(list, name, level, "%.180s", why->text);
    finding_explain(f, means, NULL);
}

static void tell_rules(struct findings *list, const struct obstacle *o)
{
    if (!o->name)
        finding_add(list, "rules", FINDING_OK,
                    "nf_tables rewrites addresses, and drops what a router forbids");
    else
        finding_explain(finding_add(list, "rules", FINDING_NOTE, "%s", o->means),
                        "routers forward, but masquerade, publish and forbid fail", o->helps);
}

static void tell_host(struct findings *list, const struct probe *p)
{
    const struct probe_stage *s = &p->stage;
    if (!s->ran) {
        finding_add(list, "host", FINDING_OPEN, "not tried, since it needs a stage");
        return;
    }
    const struct err *why = *s->host.text ? &s->host : *s->card.text ? &s->card : &s->setup;
    tell_part(list, "host", why,
              "made, with a TAP device, no queue, and a route with congestion control cubic",
              "scenes have no hosts, so none can be played", FINDING_FAILS);
    if (*s->host.text)
        return;
    tell_part(list, "states", &s->sockets, "sock_diag finds a connection by its addresses",
              "states of closed sockets (FIN_WAIT, TIME_WAIT) are not shown", FINDING_NOTE);
    tell_part(list, "counters", &s->counters, "/proc/net/netstat of a host can be read",
              "why a segment was repeated is not told", FINDING_NOTE);
    tell_rules(list, &s->no_rules);
    tell_part(list, "programs", &p->no_programs,
              "real programs run in a host, without a way out (--allow-run)",
              "host:run(), host:start() and wirescene shell fail", FINDING_NOTE);
}

static void tell_memory(struct findings *list, const struct probe *p)
{
    if (!p->sealed_memory)
        finding_add(list, "memory", FINDING_OK, "shared, of a length that is sealed");
    else
        finding_explain(finding_add(list, "memory", FINDING_FAILS, "memfd_create: %s",
                                    strerror(p->sealed_memory)),
                        "the two processes of a scene cannot share memory", NULL);
}

static void tell_descriptors(struct findings *list, const struct probe *p)
{
    const uint64_t most = p->descriptors_most, own = 64; // about what a stage has open for itself
    if (most == RLIM_INFINITY) {
        finding_add(list, "descriptors", FINDING_OK, "no limit");
        return;
    }
    unsigned long long connections = most > own ? (most - own) / 2 : 0;
    bool enough = connections >= CONNECTIONS_ENOUGH;
    struct finding *f =
        finding_add(list, "descriptors", enough ? FINDING_OK : FINDING_NOTE,
                    "%llu now, raised to %llu for a scene: about %llu connections at once",
                    (unsigned long long)p->descriptors, (unsigned long long)most, connections);
    if (!enough)
        finding_explain(f,
                        "both ends of a connection are descriptors of one process, so half the "
                        "limit is what it holds",
                        p->container ? "docker run --ulimit nofile=65536 …"
                                     : "sudo prlimit --pid $$ --nofile=65536:65536");
}

static void tell_loopback(struct findings *list, const struct probe *p)
{
    if (probe_wire(p) || p->stage.ran)
        return;
    tell_part(list, "loopback", &p->no_loopback,
              "scenes run over 127.0.0.0/8 instead: socket events, no packets",
              "not even scenes without a wire can be played", FINDING_FAILS);
}

static const char *verdict(const struct probe *p)
{
    return probe_wire(p) ? "Scenes run here with hosts and wires."
           : probe_scenes(p)
               ? "Scenes run here over the loopback only: no packets. For the wire, see what fails."
               : "No scene can run here; see what fails.";
}

static void show(const struct probe *p, const struct findings *list,
                 const struct view_options *options, bool json)
{
    struct buf out = {0};
    if (json) {
        buf_printf(&out,
                   "{\"version\": \"" WIRESCENE_VERSION
                   "\", \"wire\": %s, \"scenes\": %s, \"checks\": ",
                   probe_wire(p) ? "true" : "false", probe_scenes(p) ? "true" : "false");
        findings_json(list, &out);
        buf_text(&out, "}\n");
    } else {
        findings_text(list, options, &out);
        buf_printf(&out, "\n%s\n", verdict(p));
    }
    fwrite(out.ptr, 1, out.len, stdout);
    buf_fini(&out);
}

static int parse(int argc, char **argv, bool *json, struct view_options *options)
{
    static const struct option names[] = {{"json", no_argument, NULL, 'j'},
                                          {"color", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1)
        switch (option) {
        case 'h':
            fputs(usage, stdout);
            exit(STATUS_OK);
        case 'j':
            *json = true;
            break;
        case 'c':
            if (strcmp(optarg, "always") == 0 || strcmp(optarg, "never") == 0)
                options->color = *optarg == 'a';
            else if (strcmp(optarg, "auto") != 0)
                return wrong("there are auto, always and never for --color, not ", optarg);
            break;
        case ':':
            return wrong("a value is wanted for ", argv[optind - 1]);
        default:
            return wrong("unknown option ", argv[optind - 1]);
        }
    return optind < argc ? wrong("doctor takes no ", argv[optind]) : STATUS_OK;
}

int command_doctor(int argc, char **argv)
{
    struct view_options options = {0};
    bool json = false;
    terminal_look(&options);
    int status = parse(argc, argv, &json, &options);
    if (status)
        return status;
    struct probe p;
    struct findings list = {.count = 0};
    probe_run(&p);
    tell_kernel(&list, &p);
    tell_spaces(&list, &p);
    tell_device(&list, &p);
    tell_stage(&list, &p);
    tell_host(&list, &p);
    tell_memory(&list, &p);
    tell_loopback(&list, &p);
    tell_descriptors(&list, &p);
    surroundings_look(&list, &options);
    show(&p, &list, &options, json);
    return probe_wire(&p) ? STATUS_OK : probe_scenes(&p) ? STATUS_FAILED : STATUS_MACHINE;
}
