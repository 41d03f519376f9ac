// Implementation of terminal.h.
#include "command/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool korean_locale(void)
{
    const char *names[] = {getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")};
    for (int i = 0; i < 3; i++)
        if (names[i] && *names[i])
            return strncmp(names[i], "ko", 2) == 0;
    return false;
}

static size_t columns_wanted(void)
{
    const char *columns = getenv("COLUMNS");
    char *end;
    unsigned long n =
        columns && *columns >= '0' && *columns <= '9' ? strtoul(columns, &end, 10) : 0;
    return n && !*end && n <= VIEW_WIDTH_MAX ? n : 80;
}

void terminal_size(size_t *columns, size_t *rows)
{
    struct winsize size = {0};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    *columns = size.ws_col;
    *rows = size.ws_row;
}

void terminal_look(struct view_options *options)
{
    const char *term = getenv("TERM"), *plain = getenv("NO_COLOR");
    bool terminal = isatty(STDOUT_FILENO);
    setlocale(LC_CTYPE, "");
    bool moves = terminal && term && strcmp(term, "dumb") != 0;
    terminal_size(&options->width, &options->height);
    if (!options->width)
        options->width = columns_wanted();
    if (moves && !options->height)
        options->height = 24;
    else if (!moves)
        options->height = 0;
    options->color = moves && !(plain && *plain);
    options->unicode = !terminal || strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    options->korean = korean_locale();
}
