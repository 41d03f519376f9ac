// wirescene run: plays one scene.
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "command/command.h"
#include "command/keys.h"
#include "command/performance.h"
#include "command/scene.h"
#include "command/terminal.h"

#define PACE_MIN_NS (10 * CLOCK_MS)
#define PACE_MAX_NS (60 * CLOCK_S)

static const char usage[] =
    "usage: wirescene run SCENE.lua [options]\n"
    "\n"
    "Plays the scene with real sockets on hosts of its own, and shows what happens.\n"
    "\n"
    "  -o FILE               also write FILE: .jsonl (recording), .pcapng (Wireshark); - is pcapng "
    "to\n"
    "                        standard output; may be given several times\n"
    "      --view ladder|log|states|json|none\n"
    "                        what standard output shows (default: ladder); states counts sockets "
    "by\n"
    "                        state, in a table that follows the scene\n"
    "      --set NAME=VALUE  turn a knob of the scene (its params)\n"
    "      --seed N          the same N gives the same random numbers\n"
    "      --step            each packet waits at the end of its wire for the space key\n"
    "      --pace TIME       packets arrive so much apart: --pace 800ms\n"
    "      --snap N          bytes kept of each frame, 0 all (default 96)\n"
    "      --lang ko|en      language of texts (default: the locale's)\n"
    "      --allow-run PROGRAM\n"
    "                        let the scene run this program in its hosts; may be given several "
    "times\n"
    "      --allow-net HOST:PORT\n"
    "                        let the scene reach this one real address; may be given several "
    "times\n"
    "      --require-wire    fail (status 3) where hosts and wires cannot be made, instead of "
    "playing\n"
    "                        over the loopback\n"
    "      --color auto|always|never\n"
    "                        colours (default: auto, on terminals that have them)\n"
    "      --width N         columns of the view (default: the terminal's)\n"
    "\n"
    "Keys on a terminal: space or enter goes on at a cue, q ends the scene. While packets wait: "
    "space\n"
    "lets the next one arrive, d drops it, 2 lets it arrive twice, enter lets them run (with "
    "--pace by\n"
    "its clock) until space stops them again; + and - change the pace.\n"
    "\n"
    "  wirescene run ping-pong.lua -o talk.jsonl -o talk.pcapng\n"
    "  wirescene run backlog.lua --set backlog=3 --view log\n";

struct options {
    struct play_request request;
    struct view_options view;
    struct allowance allowance;
    const char *scene;
    const char *outputs[16];
    size_t output_count;
    enum sink_form form;
    bool no_view, form_given, require_wire, fixed_width;
};

static int wrong(const char *format, const char *what)
{
    fputs("wirescene: ", stderr);
    fprintf(stderr, format, what);
    fputs("; see wirescene run --help\n", stderr);
    return STATUS_WRONG;
}

static bool number(const char *text, uint64_t most, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno && *value <= most;
}

static int choose(const char *text, const char *const *choices)
{
    for (int i = 0; choices[i]; i++)
        if (strcmp(text, choices[i]) == 0)
            return i;
    return -1;
}

static int take_view(struct options *o, const char *name)
{
    static const char *const names[] = {"ladder", "log", "states", "json", "none", NULL};
    int which = choose(name, names);
    if (which < 0)
        return wrong("--view %s: there are ladder, log, states, json and none", name);
    o->no_view = which == 4;
    o->form = (enum sink_form)which;
    o->form_given = true;
    return 0;
}

static int take_color(struct options *o, const char *name)
{
    static const char *const names[] = {"never", "always", "auto", NULL};
    int which = choose(name, names);
    if (which < 0)
        return wrong("--color %s: there are auto, always and never", name);
    if (which < 2)
        o->view.color = which;
    return 0;
}

static int take_lang(struct options *o, const char *name)
{
    static const char *const names[] = {"en", "ko", NULL};
    int which = choose(name, names);
    if (which < 0)
        return wrong("--lang %s: there are ko and en", name);
    o->request.korean = o->view.korean = which;
    return 0;
}

static int take_setting(struct options *o, char *text)
{
    char *value = strchr(text, '=');
    if (!value || value == text)
        return wrong("--set %s: NAME=VALUE is wanted", text);
    *value++ = '\0';
    struct play_request *r = &o->request;
    r->params = mem_resize(r->params, (r->param_count + 1) * sizeof *r->params);
    r->params[r->param_count++] = (struct play_param){.name = text, .value = value};
    return 0;
}

// Packets at a pace need the wire, too.
static int take_pace(struct options *o, const char *text)
{
    struct err err;
    if (units_time(text, &o->request.pace_ns, &err) != 0)
        return wrong("--pace: %s", err.text);
    if (o->request.pace_ns < PACE_MIN_NS || o->request.pace_ns > PACE_MAX_NS)
        return wrong("--pace %s: a time from 10ms to 60s is wanted", text);
    o->require_wire = true;
    return 0;
}

static int take_number(const char *option, const char *text, uint64_t least, uint64_t most,
                       uint64_t *value)
{
    char what[160];
    if (number(text, most, value) && *value >= least)
        return 0;
    snprintf(what, sizeof what, "--%s %.40s: a whole number from %llu to %llu is wanted", option,
             text, (unsigned long long)least, (unsigned long long)most);
    return wrong("%s", what);
}

enum {
    OPT_VIEW = 256,
    OPT_SET,
    OPT_SEED,
    OPT_STEP,
    OPT_PACE,
    OPT_SNAP,
    OPT_LANG,
    OPT_COLOR,
    OPT_WIDTH,
    OPT_ALLOW_RUN,
    OPT_ALLOW_NET,
    OPT_REQUIRE_WIRE
};

static int take_option(struct options *o, int option)
{
    uint64_t value;
    int failed = 0;
    switch (option) {
    case 'o':
        if (o->output_count == sizeof o->outputs / sizeof *o->outputs)
            return wrong("%s", "at most 16 files can be written at once");
        o->outputs[o->output_count++] = optarg;
        return 0;
    case OPT_VIEW:
        return take_view(o, optarg);
    case OPT_SET:
        return take_setting(o, optarg);
    case OPT_LANG:
        return take_lang(o, optarg);
    case OPT_COLOR:
        return take_color(o, optarg);
    case OPT_ALLOW_NET:
        if (allowance_add_address(&o->allowance, optarg) == 0)
            return 0;
        return wrong("--allow-net %s: HOST:PORT is wanted", optarg);
    case OPT_ALLOW_RUN:
        allowance_add(&o->allowance, optarg);
        return 0;
    case OPT_REQUIRE_WIRE:
        o->require_wire = true;
        return 0;
    case OPT_STEP:
        o->request.step = o->require_wire = true;
        return 0;
    case OPT_PACE:
        return take_pace(o, optarg);
    case OPT_SEED:
        return take_number("seed", optarg, 0, EVENT_NUMBER_MAX, &o->request.seed);
    case OPT_SNAP:
        if (!(failed = take_number("snap", optarg, 0, 65535, &value)))
            o->request.snap = (uint32_t)value;
        return failed;
    case OPT_WIDTH:
        if (!(failed = take_number("width", optarg, VIEW_WIDTH_MIN, VIEW_WIDTH_MAX, &value)))
            o->view.width = (size_t)value;
        o->fixed_width = true;
        return failed;
    }
    return STATUS_WRONG;
}

static int parse(struct options *o, int argc, char **argv)
{
    static const struct option names[] = {{"view", required_argument, NULL, OPT_VIEW},
                                          {"set", required_argument, NULL, OPT_SET},
                                          {"seed", required_argument, NULL, OPT_SEED},
                                          {"step", no_argument, NULL, OPT_STEP},
                                          {"pace", required_argument, NULL, OPT_PACE},
                                          {"snap", required_argument, NULL, OPT_SNAP},
                                          {"lang", required_argument, NULL, OPT_LANG},
                                          {"color", required_argument, NULL, OPT_COLOR},
                                          {"width", required_argument, NULL, OPT_WIDTH},
                                          {"allow-run", required_argument, NULL, OPT_ALLOW_RUN},
                                          {"allow-net", required_argument, NULL, OPT_ALLOW_NET},
                                          {"require-wire", no_argument, NULL, OPT_REQUIRE_WIRE},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int option, failed;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:h", names, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            exit(STATUS_OK);
        }
        if (option == '?')
            return wrong("unknown option %s", argv[optind - 1]);
        if (option == ':')
            return wrong("%s wants a value", argv[optind - 1]);
        if ((failed = take_option(o, option)) != 0)
            return failed;
    }
    if (optind == argc)
        return wrong("%s", "which scene? wirescene run SCENE.lua");
    if (optind + 1 < argc)
        return wrong("one scene at a time; what is \"%s\"?", argv[optind + 1]);
    o->scene = argv[optind];
    return 0;
}

static int open_outputs(struct options *o, struct performance *p)
{
    struct err err;
    p->sinks = mem_new((o->output_count + 1) * sizeof *p->sinks);
    enum sink_form form;
    for (size_t i = 0; i < o->output_count; i++) // before any of them is emptied
        if (sink_form_of(o->outputs[i], &form, &err) != 0) {
            fprintf(stderr, "wirescene: %s\n", err.text);
            return STATUS_WRONG;
        }
    for (size_t i = 0; i < o->output_count; i++) {
        struct sink *sink = sink_open(o->outputs[i], o->request.snap, &err);
        if (!sink) {
            fprintf(stderr, "wirescene: %s\n", err.text);
            return STATUS_WRONG;
        }
        p->sinks[p->sink_count++] = sink;
        if (strcmp(o->outputs[i], "-") != 0)
            continue;
        if (o->form_given && !o->no_view)
            return wrong("%s", "-o - and a view cannot both have standard output: use --view none");
        o->no_view = true;
    }
    if (!o->no_view)
        p->sinks[p->sink_count++] = sink_view(o->form, &o->view);
    return 0;
}

int command_run(int argc, char **argv)
{
    struct options o = {.request = {.seed = 1, .snap = 96}, .form = SINK_LADDER};
    struct performance p = {.request = &o.request};
    terminal_look(&o.view);
    o.request.korean = o.view.korean;
    int status = parse(&o, argc, argv);
    struct scene scene = {0};
    struct err err;
    if (status)
        goto out;
    if (scene_read(&scene, o.scene, &err) != 0) {
        fprintf(stderr, "wirescene: %s\n", err.text);
        status = STATUS_WRONG;
        goto out;
    }
    if ((status = open_outputs(&o, &p)) != 0)
        goto out;
    o.request.name = scene.name;
    o.request.text = scene.text;
    o.request.text_len = scene.len;
    p.folder = scene.folder;
    bool shows = !o.no_view && o.form != SINK_JSON;
    o.request.presented = p.keys =
        shows && isatty(STDOUT_FILENO) && isatty(STDIN_FILENO) && keys_take();
    if (o.request.step && !p.keys) {
        status =
            wrong("%s", "--step needs a terminal, for the keys and the view; --pace needs none");
        goto out;
    }
    p.speak_errors = !(shows && isatty(STDOUT_FILENO));
    p.require_wire = o.require_wire;
    p.fixed_width = o.fixed_width;
    o.allowance.ask = p.keys;
    p.allowance = o.allowance;
    status = performance_run(&p);
    keys_release();
out:
    for (size_t i = 0; i < p.sink_count; i++)
        sink_close(p.sinks[i]);
    free(p.sinks);
    scene_free(&scene);
    free(o.request.params);
    allowance_fini(&o.allowance);
    return status;
}
