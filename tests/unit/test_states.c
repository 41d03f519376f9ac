// states: the table and the lines say what the events said, and never exceed their width.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>

#include "base/buf.h"
#include "base/width.h"
#include "play.h"
#include "view/states.h"

struct shown {
    struct states_view *view;
    struct buf out;
    size_t frames; // tables that were asked for now and then
};

static void show_event(void *context, const struct event *e)
{
    struct shown *s = context;
    states_view_event(s->view, e, &s->out);
    size_t before = s->out.len;
    if (e->id % 100 == 0)
        states_view_show(s->view, &s->out);
    s->frames += s->out.len > before;
}

// Connections of three hosts of which one is a listener, an accept queue, and one who is refused.
static void play_crowded(struct play *p)
{
    static const char *const names[] = {"서버", "client", "a host with a long name", "d", "e", "f"};
    play_scene(p, "제목", "crowd.lua");
    for (uint32_t i = 0; i < 6; i++)
        play_host(p, i + 1, names[i]);
    p->t = CLOCK_MS;
    play_state(p, 1, 0, STATE_CLOSE, STATE_LISTEN);
    play_say(p, "모두 연결합니다. Everybody connects.");
    for (uint32_t i = 0; i < 1200; i++) {
        p->t = 2 * CLOCK_MS + i * CLOCK_US;
        play_state(p, 1, i + 1, STATE_CLOSE, STATE_ESTABLISHED);
        play_state(p, 2 + i % 5, i + 1, STATE_CLOSE, STATE_ESTABLISHED);
    }
    play_queue(p, 1, 0, STATE_LISTEN, 129, 128);
    play_emit(p);
    struct event_queue *q = play_queue(p, 1, 7, STATE_LISTEN, 129, 128);
    q->refused = REFUSED_SYN;
    play_emit(p);
    for (uint32_t i = 0; i < 1000; i++)
        play_state(p, 1, i + 1, STATE_ESTABLISHED, STATE_TIME_WAIT);
    struct event *e = play_new(p, EVENT_COUNT, 2);
    e->as.count.states[STATE_ESTABLISHED] = 7;
    play_emit(p);
    play_expect(p, true, "all are there", 3);
    play_end(p, 0, 1, 0);
}

static struct buf draw(const struct view_options *options, void (*play)(struct play *p))
{
    static struct play p;
    struct shown shown = {.view = states_view_new(options)};
    p = (struct play){.sink = show_event, .context = &shown};
    play(&p);
    states_view_free(shown.view);
    assert_true((shown.frames > 0) == (options->height > 0));
    buf_string(&shown.out);
    return shown.out;
}

// Takes the escapes out.
static void strip(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '\033')
            from += 1 + strcspn(from + 1, "mAJK");
        else
            *to++ = *from;
    }
    *to = '\0';
}

static void every_line_fits(void **state)
{
    (void)state;
    for (size_t width = 40; width <= 200; width += 31)
        for (int bits = 0; bits < 16; bits++) {
            struct view_options options = {.width = width,
                                           .color = bits & 1,
                                           .korean = bits & 2,
                                           .unicode = bits & 4,
                                           .height = bits & 8 ? 24 : 0};
            struct buf out = draw(&options, play_crowded);
            assert_true((options.color || options.height) == (strchr(out.ptr, '\033') != NULL));
            strip(out.ptr);
            for (char *line = strtok(out.ptr, "\n"); line; line = strtok(NULL, "\n"))
                if (width_of(line, strlen(line)) > width)
                    fail_msg("%zu columns of %zu: %s", width_of(line, strlen(line)), width, line);
            buf_fini(&out);
        }
}

// The rows from the last table on, without escapes.
static void last_table(const struct view_options *options, const char *const *said)
{
    struct buf out = draw(options, play_crowded);
    strip(out.ptr);
    char *table = NULL;
    for (char *at = out.ptr; (at = strstr(at, "╭ ")); at++)
        table = at;
    assert_non_null(table);
    for (; *said; said++)
        if (!strstr(table, *said))
            fail_msg("\"%s\" is not said in:\n%s", *said, table);
    buf_fini(&out);
}

static void tells_numbers_bars_and_the_most(void **state)
{
    (void)state;
    struct view_options options = {.width = 160, .unicode = true, .height = 24};
    last_table(&options, (const char *[]){"서버 ──", "client ──", "a host with a long n…", "d ──",
                                          "LISTEN             1", "max 1,200",
                                          "TIME_WAIT      1,000 █", "7 ▏ max 240", "240 ██▊",
                                          "129 of 128", "dropped            1", "■ done", NULL});
    options.korean = true;
    last_table(&options, (const char *[]){"최대 1,200", "accept 큐", "버려짐", NULL});
    options.width = 80;
    last_table(&options, (const char *[]){"그 밖 3개", "720 ███▌", NULL});
}

static void lines_where_nothing_can_be_drawn_over(void **state)
{
    (void)state;
    struct view_options options = {.width = 100, .unicode = true};
    struct buf out = draw(&options, play_crowded);
    static const char *const said[] = {"  1.0 ms 서버      LISTEN 1\n",
                                       "서버      LISTEN 1  ESTABLISHED 1200\n",
                                       "LISTEN 1  ESTABLISHED 1200  accept queue 129 of 128\n",
                                       "accept queue 129 of 128  dropped 1\n",
                                       "client    ESTABLISHED 7\n",
                                       "ESTABLISHED 200  TIME_WAIT 1000  accept",
                                       NULL};
    for (const char *const *text = said; *text; text++)
        if (!strstr(out.ptr, *text))
            fail_msg("\"%s\" is not said in:\n%s", *text, out.ptr + out.len - 3000);
    buf_fini(&out);
}

// No more rows than the terminal has: else it could not be drawn over.
static void fits_a_low_terminal(void **state)
{
    (void)state;
    for (size_t height = 6; height <= 9; height++) {
        struct view_options options = {.width = 80, .unicode = true, .height = height};
        struct buf out = draw(&options, play_crowded);
        size_t most = 0;
        for (const char *at = out.ptr; (at = strstr(at, "\033[")); at++) {
            size_t up = strtoul(at + 2, NULL, 10);
            most = up > most ? up : most;
        }
        assert_in_range(most, 4, height - 1);
        buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_fits),
        cmocka_unit_test(tells_numbers_bars_and_the_most),
        cmocka_unit_test(lines_where_nothing_can_be_drawn_over),
        cmocka_unit_test(fits_a_low_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
