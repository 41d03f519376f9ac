// timers: one order of two clocks, and the clock of the scene that can stand still.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "stage/timers.h"

static struct timers timers;
static struct timer all[4];
static char fired[16];

static void fire(struct timer *t)
{
    size_t n = strlen(fired);
    fired[n] = (char)('0' + (t - all));
}

static int start(void **state)
{
    (void)state;
    memset(all, 0, sizeof all);
    memset(fired, 0, sizeof fired);
    for (size_t i = 0; i < 4; i++)
        all[i].fire = fire;
    return timers_init(&timers);
}

static int stop(void **state)
{
    (void)state;
    timers_fini(&timers);
    return 0;
}

static void clocks_share_one_order(void **state)
{
    (void)state;
    int64_t now = clock_now();
    timer_set(&timers, &all[3], now - 1);
    timer_set_scene(&timers, &all[2], now - 2);
    timer_set(&timers, &all[1], now - 3);
    timer_set_scene(&timers, &all[0], now - 4);
    assert_true(timers_due(&timers));
    assert_true(timers_run(&timers, 10) >= 4);
    assert_string_equal(fired, "0123");
    assert_false(timers_due(&timers));
    assert_int_equal(timers_run(&timers, 10), -1);
}

static void a_timer_moves_between_clocks(void **state)
{
    (void)state;
    int64_t now = clock_now();
    timer_set(&timers, &all[0], now + CLOCK_S);
    timer_set_scene(&timers, &all[0], now - 1);
    timer_set_scene(&timers, &all[1], now - 1);
    timer_set(&timers, &all[1], now + CLOCK_S);
    timer_set(&timers, &all[2], now - 1);
    timer_stop(&timers, &all[2]);
    timer_stop(&timers, &all[3]); // it is in none
    timers_run(&timers, 10);
    assert_string_equal(fired, "0");
    timer_stop(&timers, &all[1]);
}

static void the_scene_stands_still(void **state)
{
    (void)state;
    int64_t before = timers_scene_now(&timers);
    timers_stand(&timers);
    int64_t stood = timers_scene_now(&timers), since = clock_now();
    timer_set_scene(&timers, &all[0], stood + 1); // would be due at once
    timer_set_scene(&timers, &all[1], stood);     // is due where it stands
    timer_set(&timers, &all[2], since + CLOCK_MS);
    while (clock_now() < since + 2 * CLOCK_MS)
        timers_run(&timers, 10);
    assert_string_equal(fired, "12");
    assert_false(timers_due(&timers));
    assert_int_equal(timers_scene_now(&timers), stood);
    assert_int_equal(timers_scene_at(&timers, since + CLOCK_MS), stood);
    assert_true(stood >= before);
    timers_stand(&timers); // twice is no harm
    timers_go_on(&timers);
    timers_go_on(&timers);
    int64_t after = timers_scene_now(&timers);
    assert_true(after >= stood && after <= stood + (clock_now() - since) - 2 * CLOCK_MS);
    while (!timers_due(&timers))
        ;
    timers_run(&timers, 10);
    assert_string_equal(fired, "120");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(clocks_share_one_order, start, stop),
        cmocka_unit_test_setup_teardown(a_timer_moves_between_clocks, start, stop),
        cmocka_unit_test_setup_teardown(the_scene_stands_still, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
