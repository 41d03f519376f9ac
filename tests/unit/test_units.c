// units: times and sizes as people write them.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "base/units.h"

static void times_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } times[] = {{"0", 0},
                 {"2", 2000000000},
                 {"1.5", 1500000000},
                 {"1.5s", 1500000000},
                 {"20ms", 20000000},
                 {"20 ms", 20000000},
                 {"0.5us", 500},
                 {"1ns", 1},
                 {"0.4ns", 0},
                 {"2m", 120000000000},
                 {"1h", 3600000000000},
                 {"87600h", 315360000000000000},
                 {"1e-3", 1000000},
                 {".25s", 250000000},
                 {"0.1ms", 100000}};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        int64_t ns = -1;
        struct err err;
        if (units_time(times[i].text, &ns, &err) != 0 || ns != times[i].ns)
            fail_msg("%s gives %jd", times[i].text, (intmax_t)ns);
    }
}

static void sizes_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t bytes;
    } sizes[] = {{"1500", 1500},
                 {"0", 0},
                 {"64KiB", 65536},
                 {"64 KiB", 65536},
                 {"1kB", 1000},
                 {"1MB", 1000000},
                 {"1MiB", 1048576},
                 {"1.5GiB", 1610612736},
                 {"2GB", 2000000000},
                 {"7B", 7},
                 {"9007199254740992", 9007199254740992}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int64_t bytes = -1;
        struct err err;
        if (units_size(sizes[i].text, &bytes, &err) != 0 || bytes != sizes[i].bytes)
            fail_msg("%s gives %jd", sizes[i].text, (intmax_t)bytes);
    }
}

static void rates_and_shares_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t bits;
    } rates[] = {{"10mbit", 10000000}, {"1.5 gbit", 1500000000}, {"56kbit", 56000},
                 {"9600bit", 9600},    {"1000", 1000},           {"0", 0}};
    static const struct {
        const char *text;
        double share;
    } shares[] = {{"1%", 0.01}, {"0.01", 0.01}, {"100 %", 1}, {"0", 0}, {"1", 1}, {"0.5%", 0.005}};
    struct err err;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        int64_t bits = -1;
        if (units_rate(rates[i].text, &bits, &err) != 0 || bits != rates[i].bits)
            fail_msg("%s gives %jd", rates[i].text, (intmax_t)bits);
    }
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        double share = -1;
        if (units_share(shares[i].text, &share, &err) != 0 || share != shares[i].share)
            fail_msg("%s gives %g", shares[i].text, share);
    }
}

static void others_are_refused(void **state)
{
    (void)state;
    static const char *const no_times[] = {"",    "ms",     "-1",   "-1ms",  "1 day",
                                           "1x",  "nan",    "inf",  "1e400", "20m s",
                                           "1s ", "87601h", "20MS", "1KiB"};
    static const char *const no_sizes[] = {
        "", "B", "-1", "1kb", "1K", "1ms", "nan", "9007199254740994", "10000000GiB"};
    static const char *const no_rates[] = {"", "10mb", "10Mbit", "-1kbit", "2000gbit", "1%"};
    static const char *const no_shares[] = {"", "2", "101%", "-1%", "1%%", "half", "nan"};
    int64_t value = 7;
    double share = 7;
    for (size_t i = 0; i < sizeof no_rates / sizeof *no_rates; i++) {
        struct err err = {0};
        if (units_rate(no_rates[i], &value, &err) != -1 || !err.text[0])
            fail_msg("\"%s\"", no_rates[i]);
    }
    for (size_t i = 0; i < sizeof no_shares / sizeof *no_shares; i++) {
        struct err err = {0};
        if (units_share(no_shares[i], &share, &err) != -1 || !err.text[0])
            fail_msg("\"%s\"", no_shares[i]);
    }
    assert_true(share == 7);
    for (size_t i = 0; i < sizeof no_times / sizeof *no_times; i++) {
        struct err err = {0};
        if (units_time(no_times[i], &value, &err) != -1 || !err.text[0])
            fail_msg("\"%s\"", no_times[i]);
    }
    for (size_t i = 0; i < sizeof no_sizes / sizeof *no_sizes; i++) {
        struct err err = {0};
        if (units_size(no_sizes[i], &value, &err) != -1 || !err.text[0])
            fail_msg("\"%s\"", no_sizes[i]);
    }
    assert_int_equal(value, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(sizes_are_read),
        cmocka_unit_test(rates_and_shares_are_read),
        cmocka_unit_test(others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
