// direction_options: each setting by its name, from text and to text, and what is refused.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "packet/direction_options.h"

static struct direction_settings settings;

static int clear(void **state)
{
    (void)state;
    settings = (struct direction_settings){0};
    return 0;
}

static const char *text_of(const char *name)
{
    static char text[DIRECTION_OPTION_TEXT];
    for (size_t i = 0; direction_option_name(i); i++)
        if (strcmp(direction_option_name(i), name) == 0)
            return direction_option_text(&settings, i, text) ? text : "";
    fail_msg("there is no %s", name);
    return NULL;
}

static void values_are_read_and_told(void **state)
{
    (void)state;
    static const char *const values[][3] = {
        {"delay", "0.02", "20ms"},       {"delay", "1.5us", "0.0015ms"},
        {"jitter", "5ms", "5ms"},        {"distribution", "normal", "normal"},
        {"loss", "0.001", "0.1%"},       {"loss", "33.3%", "33.3%"},
        {"burst_enter", "1%", "1%"},     {"burst_leave", "0.25", "25%"},
        {"burst_loss", "1", "100%"},     {"reorder", "5%", "5%"},
        {"reorder_by", "2ms", "2ms"},    {"duplicate", "1%", "1%"},
        {"corrupt", "0.5%", "0.5%"},     {"rate", "10mbit", "10mbit"},
        {"rate", "1500000", "1500kbit"}, {"rate", "1gbit", "1gbit"},
        {"rate", "9601", "9601bit"},     {"queue", "20", "20"},
        {"queue", "64KiB", "65536B"},    {"ecn", "5kB", "5000B"},
        {"path_mtu", "1400", "1400"},    {"black_hole", "1KiB", "1024"},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct err err = {0};
        if (direction_option_set(&settings, values[i][0], values[i][1], &err) != 1)
            fail_msg("%s %s: %s", values[i][0], values[i][1], err.text);
        assert_string_equal(text_of(values[i][0]), values[i][2]);
    }
    assert_int_equal(settings.delay_ns, 1500);
    assert_int_equal(settings.queue, 65536);
    assert_true(settings.queue_is_bytes);
}

static void zero_clears(void **state)
{
    (void)state;
    struct direction_settings none = {0};
    for (size_t i = 0; direction_option_name(i); i++) {
        struct err err = {0};
        const char *name = direction_option_name(i);
        if (strcmp(name, "distribution") == 0)
            continue;
        memset(&settings, 0, sizeof settings);
        assert_string_equal(text_of(name), "");
        assert_int_equal(direction_option_set(&settings, name, "0", &err), 1);
        assert_memory_equal(&settings, &none, sizeof none);
        assert_string_equal(text_of(name), "");
    }
}

static void others_are_refused(void **state)
{
    (void)state;
    static const char *const values[][2] = {
        {"delay", "soon"},       {"loss", "2"},           {"loss", "110%"},
        {"rate", "10mb"},        {"queue", "many"},       {"queue", "-1"},
        {"ecn", "5x"},           {"path_mtu", "67"},      {"black_hole", "70000"},
        {"distribution", "odd"}, {"burst_enter", "once"},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct err err = {0};
        if (direction_option_set(&settings, values[i][0], values[i][1], &err) != -1 || !err.text[0])
            fail_msg("%s %s", values[i][0], values[i][1]);
    }
    struct err err = {0};
    assert_int_equal(direction_option_set(&settings, "los", "1%", &err), 0);
    assert_int_equal(direction_option_set(&settings, "queue", "20", &err), 1);
    assert_int_equal(direction_option_set(&settings, "ecn", "5kB", &err), -1);
    assert_int_equal(direction_option_set(&settings, "ecn", "5", &err), 1);
    assert_int_equal(direction_option_set(&settings, "ecn", "0", &err), 1);
    assert_int_equal(direction_option_set(&settings, "queue", "5kB", &err), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(values_are_read_and_told, clear),
        cmocka_unit_test_setup(zero_clears, clear),
        cmocka_unit_test_setup(others_are_refused, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
