// addr: addresses as text and back.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "event/addr.h"

static void text_and_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"0.0.0.0",
                                        "10.1.0.1",
                                        "255.255.255.255:65535",
                                        "10.1.0.1:8080",
                                        "1.2.3.4:1",
                                        "::",
                                        "fd00::1",
                                        "[::1]:80",
                                        "[fd00:1:2:3:4:5:6:7]:8",
                                        "::ffff:10.0.0.1",
                                        "[::ffff:255.255.255.255]:65535",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct addr a;
        char text[ADDR_TEXT];
        if (addr_parse(texts[i], &a) != 0)
            fail_msg("%s", texts[i]);
        assert_string_equal(addr_text(&a, text), texts[i]);
    }
}

static void values(void **state)
{
    (void)state;
    struct addr a;
    assert_int_equal(addr_parse("10.1.2.3:8080", &a), 0);
    assert_int_equal(a.family, 4);
    assert_int_equal(a.port, 8080);
    assert_memory_equal(a.bytes, "\x0a\x01\x02\x03\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(addr_parse("[fd00::1]", &a), 0);
    assert_int_equal(a.family, 6);
    assert_int_equal(a.port, 0);
    assert_int_equal(a.bytes[15], 1);
    char text[ADDR_TEXT];
    assert_string_equal(addr_text(&(struct addr){0}, text), "");
    assert_string_equal(addr_text(&(struct addr){.port = 80}, text), "");
    assert_string_equal(addr_text(&(struct addr){.family = 9, .port = 80}, text), "");
}

static void what_is_no_address(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        ":",
        ":80",
        "10.1.0",
        "10.1.0.256",
        "10.1.0.1:",
        "10.1.0.1:65536",
        "10.1.0.1:-1",
        "host",
        "10.1.0.1 ",
        "[fd00::1",
        "[fd00::1]x",
        "[fd00::1]:",
        "[10.0.0.1]:80",
        "fd00::1::2",
        "[]:80",
        "1.2.3.4:5:6",
        "10.1.0.1:99999999999999999999",
        "[::1]:8 ",
        "fd00:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"};
    struct addr a = {.family = 4, .port = 7};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (addr_parse(texts[i], &a) == 0)
            fail_msg("%s", texts[i]);
    assert_int_equal(a.port, 7); // left as it was
}

static void equality(void **state)
{
    (void)state;
    struct addr a, b;
    addr_parse("10.0.0.1:80", &a);
    b = a;
    b.bytes[7] = 1; // means nothing in IPv4
    assert_true(addr_equal(&a, &b, true));
    b.port = 81;
    assert_false(addr_equal(&a, &b, true));
    assert_true(addr_equal(&a, &b, false));
    addr_parse("::", &b);
    assert_false(addr_equal(&a, &b, false));
    addr_parse("::1", &a);
    assert_false(addr_equal(&a, &b, false));
    assert_true(addr_equal(&(struct addr){0}, &(struct addr){0}, true));
}

static void mapped_and_back(void **state)
{
    (void)state;
    char text[ADDR_TEXT];
    struct addr a, six;
    assert_int_equal(addr_parse("10.1.0.2:80", &a), 0);
    addr_map(&a);
    assert_string_equal(addr_text(&a, text), "[::ffff:10.1.0.2]:80");
    addr_map(&a);
    addr_unmap(&a);
    assert_string_equal(addr_text(&a, text), "10.1.0.2:80");
    assert_int_equal(addr_parse("10.1.0.2:80", &six), 0);
    assert_memory_equal(&a, &six, sizeof a);
    assert_int_equal(addr_parse("[fd00::1]:80", &six), 0);
    addr_unmap(&six);
    assert_string_equal(addr_text(&six, text), "[fd00::1]:80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_back),      cmocka_unit_test(values),
        cmocka_unit_test(what_is_no_address), cmocka_unit_test(equality),
        cmocka_unit_test(mapped_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
