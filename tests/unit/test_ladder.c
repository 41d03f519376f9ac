// ladder: golden pictures, and what holds for every width, with and without colour and Unicode.
//
// `test_ladder show PLAY WIDTH [color] [ko] [ascii]` prints a play, to be looked at.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>

#include "base/width.h"
#include "plays.h"
#include "view/ladder.h"

static void play_three(struct play *p) { play_many(p, 3); }
static void play_six(struct play *p) { play_many(p, 6); }
static void play_ten(struct play *p) { play_many(p, 10); }
static void play_one(struct play *p) { play_many(p, 1); }

static const struct {
    const char *name;
    void (*play)(struct play *p);
} plays[] = {{"ping-pong", play_ping_pong}, {"loss", play_loss},         {"three", play_three},
             {"six", play_six},             {"ten", play_ten},           {"one", play_one},
             {"transfer", play_transfer},   {"words", play_words}};
#define PLAYS (sizeof plays / sizeof *plays)

struct shown {
    struct ladder *ladder;
    struct buf *out;
};

static void show_event(void *context, const struct event *e)
{
    struct shown *s = context;
    ladder_event(s->ladder, e, s->out);
}

static void draw(void (*play)(struct play *p), const struct view_options *options, struct buf *out)
{
    struct shown shown = {ladder_new(options), out};
    static struct play p;
    p = (struct play){.sink = show_event, .context = &shown};
    play(&p);
    ladder_free(shown.ladder);
}

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "show") == 0) {
        struct view_options options = {.width = strtoul(argv[3], NULL, 10), .unicode = true};
        for (int i = 4; i < argc; i++) {
            options.color |= strcmp(argv[i], "color") == 0;
            options.korean |= strcmp(argv[i], "ko") == 0;
            options.unicode &= strcmp(argv[i], "ascii") != 0;
        }
        struct buf out = {0};
        for (size_t i = 0; i < PLAYS; i++)
            if (strcmp(plays[i].name, argv[2]) == 0)
                draw(plays[i].play, &options, &out);
        fwrite(out.ptr, 1, out.len, stdout);
        buf_fini(&out);
        return 0;
    }
    return 0;
}
