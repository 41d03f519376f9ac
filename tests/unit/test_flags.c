// flags: TCP flags and protocols as text and back.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "event/flags.h"

static void flags_as_the_filters_write_them(void **state)
{
    (void)state;
    char text[FLAGS_TEXT];
    assert_string_equal(flags_text(TCP_SYN, text), "S");
    assert_string_equal(flags_text(TCP_SYN | TCP_ACK, text), "SA");
    assert_string_equal(flags_text(TCP_ACK, text), "A");
    assert_string_equal(flags_text(TCP_PSH | TCP_ACK, text), "PA");
    assert_string_equal(flags_text(TCP_FIN | TCP_ACK, text), "FA");
    assert_string_equal(flags_text(TCP_FIN | TCP_PSH | TCP_ACK, text), "FPA");
    assert_string_equal(flags_text(TCP_RST, text), "R");
    assert_string_equal(flags_text(TCP_RST | TCP_ACK, text), "RA");
    assert_string_equal(flags_text(0, text), "");
    assert_string_equal(flags_text(UINT32_MAX, text), "SFRPUECA");
}

static void every_set_comes_back(void **state)
{
    (void)state;
    char flags[FLAGS_TEXT], protocols[PROTOCOLS_TEXT], watch[WATCH_TEXT];
    for (uint32_t set = 0; set < 256; set++) {
        uint32_t back;
        assert_int_equal(flags_parse(flags_text(set, flags), &back), 0);
        assert_int_equal(back, set);
        assert_int_equal(flags_protocols_parse(flags_protocols(set, protocols), &back), 0);
        assert_int_equal(back, set);
        assert_true(strlen(protocols) < sizeof protocols);
    }
    for (uint32_t set = 0; set <= WATCH_ALL; set++) {
        uint32_t back;
        assert_int_equal(flags_watch_parse(flags_watch(set, watch), &back), 0);
        assert_int_equal(back, set);
        assert_true(strlen(watch) < sizeof watch);
    }
    assert_string_equal(flags_watch(WATCH_READ | WATCH_HANGUP, watch), "read+hangup");
    assert_string_equal(flags_protocols(PROTOCOL_ETH | PROTOCOL_IP | PROTOCOL_TCP, protocols),
                        "eth:ip:tcp");
}

static void what_is_no_set(void **state)
{
    (void)state;
    static const char *const wrong[] = {":",  "eth:",     ":eth", "eth::ip",
                                        "et", "ethernet", "ETH",  "eth ip"};
    uint32_t set;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(flags_protocols_parse(wrong[i], &set), -1);
    assert_int_equal(flags_watch_parse("read+", &set), -1);
    assert_int_equal(flags_watch_parse("reads", &set), -1);
    assert_int_equal(flags_parse("AS", &set), 0);
    assert_int_equal(set, TCP_SYN | TCP_ACK);
    assert_int_equal(flags_parse("SX", &set), -1);
    assert_int_equal(flags_parse("s", &set), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_as_the_filters_write_them),
        cmocka_unit_test(every_set_comes_back),
        cmocka_unit_test(what_is_no_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
