// utf8: what is a letter, and where text may be cut.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

// UTF-8 of any number, right or wrong, by the pattern of RFC 3629 alone.
static size_t encode(uint32_t code, char bytes[4])
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3f));
    bytes[0] = (char)(first[n] | code);
    return n;
}

static void every_code_point(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x1fffff; code++) {
        char bytes[4];
        uint32_t back = UINT32_MAX;
        size_t n = encode(code, bytes);
        bool letter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        if (utf8_letter(bytes, n, &back) != (letter ? n : 0) || (letter && back != code))
            fail_msg("U+%04X", code);
        if (n > 1 && utf8_letter(bytes, n - 1, NULL) != 0)
            fail_msg("U+%04X, cut", code);
    }
}

static void what_is_no_letter(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\x80",
                                        "\xbf",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xe0\x80\x80",
                                        "\xe0\x9f\xbf",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf8\x88\x80\x80\x80",
                                        "\xff",
                                        "\xfe",
                                        "\xc3(",
                                        "\xe2\x82(",
                                        "\xf0\x9f\x99("};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(utf8_letter(wrong[i], strlen(wrong[i]), NULL), 0);
    assert_int_equal(utf8_letter("", 0, NULL), 0);
}

static void how_much_is_sound(void **state)
{
    (void)state;
    char text[] = "0123456789 서버 abcdefghijklmnop";
    const size_t len = strlen(text);
    assert_int_equal(utf8_sound(text, len), len);
    for (size_t i = 0; i < len; i++) {
        char kept = text[i];
        text[i] = '\xff';
        size_t expected = i >= 11 && i < 14 ? 11 : i >= 14 && i < 17 ? 14 : i;
        assert_int_equal(utf8_sound(text, len), expected);
        text[i] = kept;
    }
}

static void cuts_between_letters(void **state)
{
    (void)state;
    static const size_t expected[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 9};
    const char *text = "a서🙂b";
    for (size_t most = 0; most < 10; most++)
        assert_int_equal(utf8_cut(text, 9, most), expected[most]);
    assert_int_equal(utf8_cut(text, 9, SIZE_MAX), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(what_is_no_letter),
        cmocka_unit_test(how_much_is_sound),
        cmocka_unit_test(cuts_between_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
