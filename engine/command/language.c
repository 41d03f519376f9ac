// wirescene language: the words of scenes, in the terminal.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/command.h"
#include "command/performance.h"
#include "command/terminal.h"
#include "script/language.h"

static const char usage[] =
    "usage: wirescene language [options] [WORD]\n"
    "\n"
    "Tells the words that scenes are written in: all of them, a line each, or one: what it takes\n"
    "and gives, how it fails, an example.\n"
    "\n"
    "      --page            all of it as one page in Markdown\n"
    "\n"
    "  wirescene language connect\n"
    "  wirescene language conn:send\n"
    "  wirescene language ECONNREFUSED\n"
    "  wirescene language | grep queue\n";

static int wrong(const char *what, const char *about)
{
    fprintf(stderr, "wirescene: %s%s; wirescene language --help tells more\n", what, about);
    return STATUS_WRONG;
}

int command_language(int argc, char **argv)
{
    static const struct option names[] = {
        {"page", no_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'}, {0}};
    struct view_options look = {0};
    struct buf out = {0};
    bool page = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1)
        switch (option) {
        case 'h':
            fputs(usage, stdout);
            return STATUS_OK;
        case 'p':
            page = true;
            break;
        default:
            return wrong("unknown option ", argv[optind - 1]);
        }
    const char *word = argv[optind];
    if (word && (page || argv[optind + 1]))
        return wrong("language takes no ", argv[page ? optind : optind + 1]);
    terminal_look(&look);
    enum language_form form = page ? LANGUAGE_PAGE : word ? LANGUAGE_WORD : LANGUAGE_LIST;
    if (language_tell(&out, form, word, look.width) != 0) {
        fprintf(stderr, "wirescene: there is no word \"%s\"; wirescene language lists all\n", word);
        return STATUS_WRONG;
    }
    fwrite(out.ptr, 1, out.len, stdout);
    buf_fini(&out);
    return STATUS_OK;
}
