// ladder: golden pictures, and what holds for every width, with and without colour and Unicode.
//
// `test_ladder show PLAY WIDTH [color] [ko] [ascii] [log]` prints a play, to be looked at.
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
#include "view/log.h"

static void play_three(struct play *p)
{
    play_many(p, 3);
}
static void play_six(struct play *p)
{
    play_many(p, 6);
}
static void play_ten(struct play *p)
{
    play_many(p, 10);
}
static void play_one(struct play *p)
{
    play_many(p, 1);
}

static const struct {
    const char *name;
    void (*play)(struct play *p);
    size_t hosts; // 0: it has text across the page, do not look for lifelines
} plays[] = {{"ping-pong", play_ping_pong, 2},
             {"loss", play_loss, 0},
             {"three", play_three, 3},
             {"six", play_six, 6},
             {"ten", play_ten, 10},
             {"one", play_one, 1},
             {"transfer", play_transfer, 2},
             {"words", play_words, 0},
             {"queues", play_queues, 2},
             {"datagrams", play_datagrams, 2},
             {"crowd", play_crowd, 2}};
#define PLAYS (sizeof plays / sizeof *plays)

struct shown {
    struct ladder *ladder;
    struct log_view *log; // instead, if not NULL
    struct buf *out;
    uint64_t resized_before; // this event; 0: never
    size_t resized_to;
    size_t at; // bytes in `out` then
};

static void show_event(void *context, const struct event *e)
{
    struct shown *s = context;
    if (e->id == s->resized_before) {
        s->at = s->out->len;
        ladder_resize(s->ladder, s->resized_to);
    }
    if (s->log)
        log_view_event(s->log, e, s->out);
    else
        ladder_event(s->ladder, e, s->out);
}

static void draw(void (*play)(struct play *p), const struct view_options *options, bool as_log,
                 struct buf *out)
{
    struct shown shown = {
        .ladder = ladder_new(options), .log = as_log ? log_view_new(options) : NULL, .out = out};
    static struct play p;
    p = (struct play){.sink = show_event, .context = &shown};
    play(&p);
    ladder_free(shown.ladder);
    log_view_free(shown.log);
}

// The columns of a line without its escapes: for each the letter's first byte position, SIZE_MAX
// for a right half.
struct columns {
    const char *at[512];
    size_t count;
    bool has_escape;
};

static void measure(const char *line, size_t len, struct columns *c)
{
    *c = (struct columns){0};
    for (size_t i = 0, n, w; i < len; i += n) {
        if (line[i] == '\033') {
            const char *end = memchr(line + i, 'm', len - i);
            assert_non_null(end);
            n = (size_t)(end - (line + i)) + 1;
            c->has_escape = true;
            continue;
        }
        n = width_letter(line + i, len - i, &w);
        assert_true(n > 1 || (unsigned char)line[i] < 0x80); // is UTF-8
        assert_true((unsigned char)line[i] >= 0x20);
        for (size_t k = 0; k < w; k++)
            c->at[c->count++] = line + i;
    }
}

static bool is_one_of(const char *letter, const char *const *letters)
{
    for (; *letters; letters++)
        if (strncmp(letter, *letters, strlen(*letters)) == 0)
            return true;
    return false;
}

static const char *const lifelines[] = {"│", "┊", "├", "┤", "┼", "|", ":", "+", "●", "o", NULL};
static const char *const others[] = {"╭", "╰", "┏", "┗", "┃", ".", "'", "+", "|", "│", NULL};

// Lines that belong to boxes and rules begin in column 1, lines across the page have a mark; others
// are about lanes.
static bool is_about_lanes(const struct columns *c, const char *line)
{
    return c->count > 9 && !is_one_of(c->at[1], others) && !strstr(line, "data segments");
}

static void check_lines(char *text, const struct view_options *options, size_t lanes)
{
    size_t heads[16], count = 0;
    bool ended = false; // by the last line, to which the summary may add some
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        struct columns c;
        size_t len = strlen(line);
        measure(line, len, &c);
        if (c.count > options->width)
            fail_msg("%zu columns of %zu: %s", c.count, options->width, line);
        assert_true(len == 0 || line[len - 1] != ' ');
        assert_false(c.has_escape && !options->color);
        size_t found = 0, at[16];
        for (size_t i = 9; i < c.count && found < 16; i++)
            if (strncmp(c.at[i], options->unicode ? "●" : "o", options->unicode ? 3 : 1) == 0 &&
                (options->unicode || i + 1 == c.count || strchr(" -\033", c.at[i][1])) &&
                (options->unicode || strchr(" -m", c.at[i][-1])))
                at[found++] = i;
        if (lanes && found == lanes) {
            count = found;
            memcpy(heads, at, sizeof heads);
        } else if (c.count > 1 && is_one_of(c.at[1], (const char *[]){"╶", "-", NULL})) {
            ended = true;
        } else if (count && !ended && is_about_lanes(&c, line)) {
            for (size_t i = 0; i < count; i++)
                if (heads[i] >= c.count || !is_one_of(c.at[heads[i]], lifelines))
                    fail_msg("no lifeline in column %zu: %s", heads[i], line);
        }
    }
    assert_true(lanes == 0 || count == lanes);
}

static void every_line_fits_and_lifelines_are_straight(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLAYS; i++)
        for (size_t width = 40; width <= 200; width += width < 90 ? 3 : 11)
            for (int bits = 0; bits < 16; bits++) {
                struct view_options options = {
                    .width = width, .color = bits & 1, .korean = bits & 2, .unicode = bits & 4};
                struct buf out = {0};
                draw(plays[i].play, &options, bits & 8, &out);
                // Lanes are counted where all hosts have one and no text goes across them.
                bool all_fit = !(bits & 8) && plays[i].hosts <= (width - 10) / 11;
                check_lines((char *)buf_string(&out), &options, all_fit ? plays[i].hosts : 0);
                buf_fini(&out);
            }
}

// With packets in flight or not: what comes behind is drawn for the new width, under new heads.
static void follows_a_resize(void **state)
{
    (void)state;
    static struct play p;
    for (uint64_t event = 7; event <= 60; event++)
        for (size_t width = 70; width <= 130; width += 30) {
            struct view_options options = {.width = 100, .unicode = true}, after = options;
            struct buf out = {0};
            struct shown shown = {ladder_new(&options), NULL, &out, event, width, 0};
            p = (struct play){.sink = show_event, .context = &shown};
            play_ping_pong(&p);
            after.width = width;
            check_lines((char *)buf_string(&out) + shown.at, &after, 2);
            ladder_free(shown.ladder);
            buf_fini(&out);
        }
}

static void check_golden(const char *name, size_t width)
{
    struct view_options options = {.width = width, .unicode = true};
    struct buf out = {0};
    draw(play_ping_pong, &options, false, &out);
    char path[512], *golden = calloc(1, out.len + 2);
    snprintf(path, sizeof path, "%s%s", GOLDEN, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fread(golden, 1, out.len + 1, file);
    fclose(file);
    assert_string_equal(buf_string(&out), golden);
    free(golden);
    buf_fini(&out);
}

static void looks_as_it_should(void **state)
{
    (void)state;
    check_golden("ping-pong-80.txt", 80);
    check_golden("ping-pong-160.txt", 160);
}

// What a play's ladder at 100 columns says.
static void assert_says(void (*play)(struct play *p), bool korean, const char *const *texts)
{
    struct view_options options = {.width = 100, .unicode = true, .korean = korean};
    struct buf out = {0};
    draw(play, &options, false, &out);
    for (; *texts; texts++)
        if (!strstr(buf_string(&out), *texts))
            fail_msg("\"%s\" is not said in:\n%s", *texts, buf_string(&out));
    buf_fini(&out);
}

static void tells_loss_and_failure(void **state)
{
    (void)state;
    assert_says(play_loss, false,
                (const char *[]){"✗ dropped: rule 1", "dup ACK 1449", "↻ fast 1448",
                                 "◆ held: rule 2", "⋮ 709 ms",
                                 "late: this machine was 7.30 ms behind",
                                 "✗ check failed · line 31", "count = 4", "✗ error · line 33",
                                 "failed · 851 ms · 14 packets · 1 of 3 checks failed", NULL});
    assert_says(play_loss, true,
                (const char *[]){"✗ 버려짐: rule 1", "막힘", "뒤", "확인 3개 중 1개 실패", NULL});
}

static void tells_rules_and_what_they_do(void **state)
{
    (void)state;
    assert_says(play_rules, false,
                (const char *[]){"wire from server: drop  data, nth 3", "wire: delay 200 ms",
                                 "wire: cut", "wire: mended",
                                 "wire from server: 30 ms, loss 1%, rate 10mbit", "held: space",
                                 "+2 absorbed", "once more", "corrupted", "injected",
                                 "wire: delay 200 ms: ended after 1 packet ",
                                 "flap  up 1s, down 2s: ended after 3 cuts", NULL});
    assert_says(play_rules, true,
                (const char *[]){"버림  data, nth 3", "늦춤", "다시 이음", "스페이스", "흡수됨",
                                 "한 번 더", "손상됨", "주입됨", "끊었다 이음", NULL});
}

static void tells_what_waits(void **state)
{
    (void)state;
    assert_says(play_queues, false,
                (const char *[]){"accept queue 1 of 1", "accept queue 2 of 1",
                                 "c3 ✗ SYN dropped:", "accept queue full", "c3 ✗ SYN dropped\n",
                                 "c3 ↻1, next in 2 s", "Recv-Q 95,688", "Send-Q 216,120",
                                 "c1 probe 2,", "next in 800 ms", NULL});
    assert_says(play_queues, true, (const char *[]){"accept 큐 2/1  가득", "✗ SYN 버려짐:", NULL});
}

static void tells_datagrams(void **state)
{
    (void)state;
    assert_says(play_datagrams, false,
                (const char *[]){"socket(udp) = 3", "UDP len 1472 frag 0+ :53",
                                 "IP frag 1480+ len 1480", "IP frag 2960 len 1480", "MSG_TRUNC",
                                 "port unreachable", "fragmentation needed mtu 1400",
                                 "recvfrom(MSG_ERRQUEUE)", "fragmentation needed │",
                                 "ICMP echo request id 77 seq 2", "ICMP type 13 code 0", NULL});
}

static size_t count(const struct buf *out, const char *text)
{
    size_t found = 0;
    for (const char *at = out->ptr; (at = strstr(at, text)); at++)
        found++;
    return found;
}

// Step by step at first, then where it doubles or halves; where it stands is told before the page
// turns.
static void thins_out_a_crowd(void **state)
{
    (void)state;
    assert_says(play_crowd, false,
                (const char *[]){" 4 of 128", " 8 of 128", "64 of 128", "100 of 128", "50 of 128",
                                 " 3 of 128", "accept queue 0 of 128", NULL});
    struct view_options options = {.width = 100, .unicode = true};
    struct buf out = {0};
    draw(play_crowd, &options, false, &out);
    buf_string(&out);
    assert_int_equal(count(&out, "of 128"), 18);
    assert_int_equal(count(&out, "of 999"), 0); // somebody waits
    assert_int_equal(count(&out, "of 777"), 1);
    buf_fini(&out);
}

static size_t count_lines(const struct buf *out)
{
    size_t lines = 0;
    for (size_t i = 0; i < out->len; i++)
        lines += out->ptr[i] == '\n';
    return lines;
}

static void folds_a_long_transfer(void **state)
{
    (void)state;
    assert_says(play_transfer, false, (const char *[]){"… 384 more, 556,032 B", NULL});
    assert_says(play_lossy_transfer, false, // the lost one is in no number
                (const char *[]){"… 24 more segments, 34,752 bytes", "✗ dropped: loss",
                                 "… 9 more segments, 13,032 bytes", NULL});
    struct view_options options = {.width = 80, .unicode = true};
    struct buf out = {0};
    draw(play_transfer, &options, false, &out);
    assert_true(count_lines(&out) < 150);
    buf_fini(&out);
}

static void takes_any_event_first(void **state)
{
    (void)state;
    static alignas(8) char record[EVENT_MAX];
    struct view_options options = {.width = 80, .unicode = true, .color = true};
    for (int type = EVENT_SCENE; type < EVENT_TYPES; type++) {
        struct ladder *ladder = ladder_new(&options);
        struct log_view *log = log_view_new(&options);
        struct buf out = {0};
        struct event *e = event_init(record, sizeof record, (enum event_type)type);
        e->id = 1;
        if (type == EVENT_LINK || type == EVENT_ACTOR || type == EVENT_HOST)
            e->as.link.wire = e->actor = e->host = 1;
        ladder_event(ladder, e, &out);
        log_view_event(log, e, &out);
        ladder_free(ladder);
        log_view_free(log);
        buf_fini(&out);
    }
}

static int show(int argc, char **argv)
{
    struct view_options options = {.width = strtoul(argv[3], NULL, 10), .unicode = true};
    bool as_log = false;
    for (int i = 4; i < argc; i++) {
        options.color |= strcmp(argv[i], "color") == 0;
        options.korean |= strcmp(argv[i], "ko") == 0;
        options.unicode &= strcmp(argv[i], "ascii") != 0;
        as_log |= strcmp(argv[i], "log") == 0;
    }
    struct buf out = {0};
    for (size_t i = 0; i < PLAYS; i++)
        if (strcmp(plays[i].name, argv[2]) == 0)
            draw(plays[i].play, &options, as_log, &out);
    fwrite(out.ptr, 1, out.len, stdout);
    buf_fini(&out);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "show") == 0)
        return show(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_fits_and_lifelines_are_straight),
        cmocka_unit_test(follows_a_resize),
        cmocka_unit_test(looks_as_it_should),
        cmocka_unit_test(tells_loss_and_failure),
        cmocka_unit_test(tells_rules_and_what_they_do),
        cmocka_unit_test(tells_what_waits),
        cmocka_unit_test(tells_datagrams),
        cmocka_unit_test(thins_out_a_crowd),
        cmocka_unit_test(folds_a_long_transfer),
        cmocka_unit_test(takes_any_event_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
