// Implementation of surroundings.h.
#include "command/surroundings.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "command/spool.h"

#define WIDE_ENOUGH 80
#define ROOM_ENOUGH_MB 256

static void look_at_terminal(struct findings *list, const struct view_options *options)
{
    if (!isatty(STDOUT_FILENO)) {
        finding_add(list, "terminal", FINDING_OK,
                    "standard output is none: %zu columns, no colours", options->width);
        return;
    }
    bool narrow = options->width < WIDE_ENOUGH;
    const char *colours = options->color               ? "colours"
                          : getenv("NO_COLOR") != NULL ? "no colours (NO_COLOR is set)"
                                                       : "no colours (TERM tells of none)";
    struct finding *f = finding_add(list, "terminal", narrow ? FINDING_NOTE : FINDING_OK,
                                    "%zu columns, %s", options->width, colours);
    if (narrow)
        finding_explain(
            f, "the ladder is best with 80 columns or more: a wider window, or smaller letters",
            NULL);
}

static const char *wanted_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return "C";
}

static void look_at_letters(struct findings *list, const struct view_options *options)
{
    const char *wanted = wanted_locale();
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0) {
        finding_add(list, "letters", FINDING_OK, "UTF-8 (%s); texts are %s", wanted,
                    options->korean ? "Korean, --lang en changes that"
                                    : "English, --lang ko changes that");
        return;
    }
    bool known = setlocale(LC_CTYPE, "") != NULL;
    struct finding *f =
        finding_add(list, "letters", FINDING_NOTE,
                    known ? "locale %s is not UTF-8" : "locale %s is not installed", wanted);
    finding_explain(f,
                    "on a terminal lines are drawn with ASCII, and Korean text may be unreadable",
                    "export LC_ALL=C.UTF-8");
}

static void look_at_folder(struct findings *list)
{
    const char *folder = spool_folder();
    struct statvfs st;
    struct finding *f;
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), error = errno;
    if (fd < 0 || statvfs(folder, &st) != 0) {
        f = finding_add(list, "folder", FINDING_NOTE, "%.120s: %s", folder, strerror(error));
        finding_explain(
            f,
            "what happens in a scene is kept in memory, since no temporary file can be made there",
            "export TMPDIR=$HOME");
    } else {
        unsigned long long free_mb = (unsigned long long)st.f_bavail * st.f_frsize >> 20;
        bool enough = free_mb >= ROOM_ENOUGH_MB;
        f = finding_add(list, "folder", enough ? FINDING_OK : FINDING_NOTE,
                        "%.120s has %llu MiB for temporary files", folder, free_mb);
        if (!enough)
            finding_explain(f, "a long scene may not fit there", "export TMPDIR=$HOME");
    }
    if (fd >= 0)
        close(fd);
}

static bool is_in_path(const char *program)
{
    const char *path = getenv("PATH");
    char name[4096];
    while (path && *path) {
        size_t len = strcspn(path, ":");
        int n = snprintf(name, sizeof name, "%.*s/%s", (int)len, path, program);
        if (n > 0 && (size_t)n < sizeof name && access(name, X_OK) == 0)
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

static void look_for_browser(struct findings *list)
{
    static const char *const names[] = {"chromium", "chromium-browser", "google-chrome",
                                        "google-chrome-stable", "firefox"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_in_path(names[i])) {
            finding_add(list, "browser", FINDING_OK,
                        "%s (only scenes shown on a page will need one)", names[i]);
            return;
        }
    struct finding *f =
        finding_add(list, "browser", FINDING_NOTE, "neither Chromium, Chrome nor Firefox");
    finding_explain(f, "the terminal needs none; only scenes shown on a page will",
                    "sudo apt-get install chromium");
}

void surroundings_look(struct findings *list, const struct view_options *options)
{
    look_at_terminal(list, options);
    look_at_letters(list, options);
    look_at_folder(list);
    look_for_browser(list);
}
